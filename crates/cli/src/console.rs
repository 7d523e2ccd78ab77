//! What is known of the terminal, and the way to standard error. Results do not pass here: they go to a sink.

use std::io::{self, IsTerminal, Write};

use annotate_snippets::{Level, Renderer};
use dogwatch_output::visible::visible_except;

use crate::exit::Failure;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The terminal, or what stands in its place.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    color: Color,
}

impl Console {
    /// A console that uses colour as asked.
    pub fn new(color: Color) -> Self {
        Self { color }
    }

    /// Whether somebody looks at standard output.
    pub fn stdout_is_terminal(self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether somebody looks at standard error.
    pub fn stderr_is_terminal(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Whether standard output takes colour.
    pub fn stdout_color(self) -> bool {
        self.takes_color(&io::stdout())
    }

    fn takes_color(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
        }
    }

    /// The columns of the terminal that standard output is.
    pub fn width(self) -> Option<usize> {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width.0).max(20))
    }

    /// How complaints are drawn on standard error.
    pub fn renderer(self) -> Renderer {
        let renderer = if self.takes_color(&io::stderr()) { Renderer::styled() } else { Renderer::plain() };
        let width = terminal_size::terminal_size_of(io::stderr()).map_or(140, |(width, _)| usize::from(width.0));
        renderer.term_width(width.max(40))
    }

    /// Writes lines to standard error. A closed standard error is ignored: there is nowhere left to report it.
    pub fn tell(self, text: &str) {
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.write_all(b"\n"));
    }

    /// A blank line between messages and results, where both are seen on one terminal.
    pub fn gap(self) {
        if self.stderr_is_terminal() && self.stdout_is_terminal() {
            self.tell("");
        }
    }

    /// Tells an error.
    pub fn error(self, message: &str, help: Option<&str>) {
        self.message(Level::ERROR, message, help);
    }

    /// Tells a note.
    pub fn note(self, message: &str) {
        self.message(Level::NOTE, message, None);
    }

    /// Tells a warning.
    pub fn warning(self, message: &str) {
        self.message(Level::WARNING, message, None);
    }

    fn message(self, level: Level<'_>, message: &str, help: Option<&str>) {
        let message = visible_except(message, &['\n']);
        let mut group = level.primary_title(message.as_ref()).elements(None::<annotate_snippets::Message<'_>>);
        if let Some(help) = help {
            group = group.element(Level::HELP.message(help));
        }
        self.tell(&self.renderer().render(&[group]));
    }

    /// Tells why a subcommand ended, unless that has been done.
    pub fn failure(self, failure: &Failure) {
        match failure {
            Failure::Told { exit: crate::exit::Exit::Bug, message, .. } => crate::panic::bug(message),
            Failure::Told { message, help, .. } => self.error(message, help.as_deref()),
            Failure::Silent(_) => {}
        }
    }
}
