//! When to kill: chosen by the seed.

use std::time::Duration;

use bpx_dispatch::Point;

/// When a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// When it has reached the place so many times.
    At(Point, u32),
    /// So long after it was started.
    After(Duration),
}

impl Kill {
    pub(crate) fn text(self) -> String {
        match self {
            Self::At(point, times) => {
                let place = Point::ALL.iter().position(|one| *one == point).unwrap();
                format!("{place} {times}")
            }
            Self::After(_) => String::new(),
        }
    }

    pub(crate) fn read(text: &str) -> Self {
        let Some((place, times)) = text.split_once(' ') else {
            return Self::After(Duration::MAX);
        };
        Self::At(
            Point::ALL[place.parse::<usize>().unwrap()],
            times.parse().unwrap(),
        )
    }
}

/// A sequence of kills (SplitMix64).
#[derive(Debug)]
pub(crate) struct Plan(u64);

impl Plan {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Two of three at a place, the others at any moment.
    pub(crate) fn kill(&mut self) -> Kill {
        let place = usize::try_from(self.below(15)).unwrap();
        match Point::ALL.get(place % 8) {
            Some(point) => Kill::At(*point, 1 + u32::try_from(self.below(3)).unwrap()),
            None => Kill::After(Duration::from_micros(5_000 + self.below(60_000))),
        }
    }
}
