//! How a parameter that holds more than one value is written (OpenAPI 3.0.4 and 3.1.1, Style Values).

use super::location::Location;

/// A style with its `explode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// `ids=a&ids=b`, `limit=1&cursor=x`: the default of queries and cookies.
    FormExploded,
    /// `ids=a,b`, `opts=limit,1,cursor,x`.
    Form,
    /// `ids=a%20b`.
    SpaceDelimited,
    /// `ids=a|b`.
    PipeDelimited,
    /// `opts[limit]=1&opts[cursor]=x`.
    DeepObject,
    /// `a,b`, `limit,1,cursor,x`: the default of paths and headers.
    Simple,
    /// `a,b`, `limit=1,cursor=x`.
    SimpleExploded,
    /// `.a,b`, `.limit,1`.
    Label,
    /// `.a.b`, `.limit=1.cursor=x`.
    LabelExploded,
    /// `;ids=a,b`, `;opts=limit,1`.
    Matrix,
    /// `;ids=a;ids=b`, `;limit=1;cursor=x`.
    MatrixExploded,
    /// JSON text: the parameter has a `content` instead of a schema.
    Json,
}

impl Style {
    /// All styles: where they may stand, `style`, `explode`, and the name of the variant.
    const ALL: [(Self, &'static [Location], &'static str, bool, &'static str); 11] = {
        use Location::{Cookie, Header, Part, Path, Query};
        [
            (
                Self::FormExploded,
                &[Query, Cookie, Part],
                "form",
                true,
                "FormExploded",
            ),
            (Self::Form, &[Query, Cookie, Part], "form", false, "Form"),
            (
                Self::SpaceDelimited,
                &[Query],
                "spaceDelimited",
                false,
                "SpaceDelimited",
            ),
            (
                Self::PipeDelimited,
                &[Query],
                "pipeDelimited",
                false,
                "PipeDelimited",
            ),
            (Self::DeepObject, &[Query], "deepObject", true, "DeepObject"),
            (Self::Simple, &[Path, Header], "simple", false, "Simple"),
            (
                Self::SimpleExploded,
                &[Path, Header],
                "simple",
                true,
                "SimpleExploded",
            ),
            (Self::Label, &[Path], "label", false, "Label"),
            (Self::LabelExploded, &[Path], "label", true, "LabelExploded"),
            (Self::Matrix, &[Path], "matrix", false, "Matrix"),
            (
                Self::MatrixExploded,
                &[Path],
                "matrix",
                true,
                "MatrixExploded",
            ),
        ]
    };

    /// The style of a parameter in `location` with these keywords; `None` for a style that may not stand there.
    ///
    /// Exploded `spaceDelimited` and `pipeDelimited` write a list as `form` does, and `deepObject` is exploded whatever
    /// it says.
    pub fn parse(location: Location, style: Option<&str>, explode: Option<bool>) -> Option<Self> {
        let is_query_like = !matches!(location, Location::Path | Location::Header);
        let style = style.unwrap_or(if is_query_like { "form" } else { "simple" });
        let explode = explode.unwrap_or(style == "form");
        match (style, explode) {
            ("spaceDelimited" | "pipeDelimited", true) => {
                return Self::parse(location, Some("form"), Some(true));
            }
            ("deepObject", false) => return Self::parse(location, Some("deepObject"), Some(true)),
            _ => {}
        }
        let found = Self::ALL
            .into_iter()
            .find(|(_, places, name, exploded, _)| {
                places.contains(&location) && *name == style && *exploded == explode
            });
        found.map(|(this, ..)| this)
    }

    /// What a parameter in `location` has without any keyword.
    pub fn default_in(location: Location) -> Self {
        Self::parse(location, None, None).unwrap_or(Self::FormExploded)
    }

    /// The keywords `style` and `explode`. JSON text has none.
    pub fn keywords(self) -> (&'static str, bool) {
        let found = Self::ALL.into_iter().find(|(this, ..)| *this == self);
        found.map_or(("form", true), |(_, _, style, explode, _)| (style, explode))
    }

    /// The name of the variant.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(this, ..)| *this == self);
        found.map_or("Json", |(.., name)| name)
    }
}
