//! How a run ends: exit codes, and the failures that lead to them. Where a failure is printed is [`crate::app`]'s.

use std::process::ExitCode;

use dogwatch_output::OutputError;

/// The exit codes. They are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: the search ran. That it found nothing is no failure.
    Ran,
    /// 1: what was asked for is there: findings (with --exit-code), failing tests, faulty detections.
    Found,
    /// 2: the search or the command line is wrong.
    Usage,
    /// 3: a log could not be read, the result not written, or memory ran out. What could be read was searched.
    Files,
    /// 4: a bug in Dogwatch.
    Bug,
    /// 130: interrupted by a signal.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Ran => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Files => 3,
            Self::Bug => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a subcommand ended early.
#[derive(Debug)]
pub enum Failure {
    /// To be reported to the user, with what to do about it.
    Told {
        /// The exit code.
        exit: Exit,
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Everything has been said already.
    Silent(Exit),
}

impl Failure {
    /// The command line is wrong.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Told { exit: Exit::Usage, message: message.into(), help: Some(help.into()) }
    }

    /// A file cannot be read or written.
    pub fn files(message: impl Into<String>) -> Self {
        Self::Told { exit: Exit::Files, message: message.into(), help: None }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        if error.is_closed_pipe() {
            return Self::Silent(Exit::Ran);
        }
        let exit = match error {
            OutputError::NoRaw | OutputError::NoEntities { .. } => Exit::Usage,
            OutputError::Type { .. } => Exit::Bug,
            OutputError::Write(_) | OutputError::File { .. } | OutputError::Findings(_) => Exit::Files,
        };
        Self::Told { exit, message: error.to_string(), help: error.help().map(str::to_owned) }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        OutputError::from(error).into()
    }
}
