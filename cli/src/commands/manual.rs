//! `bpx manual`: the reference, written from the program itself.

mod pages;

use std::fs;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, ValueEnum};

use crate::Cli;
use crate::failure::{Category, Failure};

const EXAMPLES: &str = "\
Examples:
  bpx manual ~/.local/share/man/man1
  bpx manual docs/reference --format markdown

Exit codes: 0 done, 1 a page cannot be written, 2 wrong usage.";

/// Write the manual: a man page for each command, or the reference in Markdown.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Manual {
    /// The folder of the pages
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The form of the pages
    #[arg(long, value_enum, default_value_t = Format::Man)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// roff, for `man`
    Man,
    /// Commands, exit codes, rules, error codes, policy keys and metrics in Markdown
    Markdown,
}

impl Manual {
    pub(crate) fn run(self) -> Result<(), Failure> {
        self.write().map_err(|error| {
            let problem = format!("the manual cannot be written: {error}");
            let fix = "name a folder that this user can write to";
            Failure::new(Category::Failed, problem, fix).at(Some(self.folder.display().to_string()))
        })
    }

    fn write(&self) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        match self.format {
            Format::Man => clap_mangen::generate_to(Cli::command(), &self.folder),
            Format::Markdown => pages::all().into_iter().try_for_each(|(name, text)| {
                fs::write(self.folder.join(format!("{name}.md")), text)
            }),
        }
    }
}
