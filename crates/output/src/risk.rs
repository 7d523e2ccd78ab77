//! Bands of risk scores, for people and for the severities of other tools.
//!
//! A score is 0 to 100. At 50 and above, somebody should look now. Below, scores add up per entity (see
//! [`crate::entity`]). The same bounds determine the colours of the table, SARIF's level and OCSF's severity, so that all
//! formats agree on how grave a finding is.

/// A step of risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Band {
    /// 0: a hunting search, which has no score.
    None,
    /// 1 to 19.
    Low,
    /// 20 to 49: adds up.
    Medium,
    /// 50 to 69: somebody should look now.
    High,
    /// 70 and above.
    Critical,
}

impl Band {
    /// The step of a score.
    pub(crate) fn of(score: u8) -> Self {
        match score {
            0 => Self::None,
            1..=19 => Self::Low,
            20..=49 => Self::Medium,
            50..=69 => Self::High,
            70.. => Self::Critical,
        }
    }

    /// The escape sequence that starts the colour of a score on a terminal.
    pub(crate) fn style(self) -> &'static str {
        match self {
            Self::Critical => "\x1b[1;31m",
            Self::High => "\x1b[33m",
            Self::Medium | Self::Low | Self::None => "\x1b[2m",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_that_are_documented() {
        for (score, band) in [
            (0, Band::None),
            (1, Band::Low),
            (19, Band::Low),
            (20, Band::Medium),
            (49, Band::Medium),
            (50, Band::High),
            (69, Band::High),
            (70, Band::Critical),
            (100, Band::Critical),
            (255, Band::Critical),
        ] {
            assert_eq!(Band::of(score), band, "{score}");
        }
        assert!((0..100).all(|score| Band::of(score) <= Band::of(score + 1)));
    }
}
