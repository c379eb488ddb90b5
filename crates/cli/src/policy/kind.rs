//! What kind of policy file a text is. The text may be broken, so lines are looked at, not a parsed tree.

use huxin_attest::RegionCode;

/// The kinds of policy files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Vocabulary,
    Baseline,
    Overlay,
    Places,
    RiskAreas,
}

impl FileKind {
    /// The stable name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Vocabulary => "vocabulary",
            Self::Baseline => "baseline",
            Self::Overlay => "overlay",
            Self::Places => "places",
            Self::RiskAreas => "risk_areas",
        }
    }

    /// What the first telling line says.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().map(str::trim_start);
        let first = lines.find_map(|line| {
            let kinds = [
                ("[vocabulary", Self::Vocabulary),
                ("[policy", Self::Baseline),
                ("[[place]", Self::Places),
                ("[[area]", Self::RiskAreas),
                ("covers", Self::RiskAreas),
            ];
            kinds.iter().find(|(start, _)| line.starts_with(start)).map(|(_, kind)| *kind)
        })?;
        // Both layers begin alike; a wrong layer is for the reader of an overlay to report where a province is named.
        let is_overlay = |line: &str| match key_and_value(line) {
            Some(("layer", value)) => {
                value.split('#').next().is_some_and(|value| value.contains("provincial"))
            }
            Some((key, _)) => matches!(key, "extends" | "region"),
            None => false,
        };
        let mut header = lines.take_while(|line| !line.starts_with('['));
        match first {
            Self::Baseline if header.any(is_overlay) => Some(Self::Overlay),
            kind => Some(kind),
        }
    }
}

/// The province that the file speaks of: an overlay's `region`, a place's `area`.
pub(super) fn region(text: &str) -> Option<RegionCode> {
    text.lines().find_map(|line| {
        let (key, value) = key_and_value(line)?;
        let digits = value.trim_start().strip_prefix('"')?.get(..2)?;
        if matches!(key, "region" | "area") { digits.parse().ok() } else { None }
    })
}

fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    Some((key.trim(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_first_table_also_where_it_is_broken() {
        for (text, kind) in [
            ("# x\n[vocabulary]\nid = 1", FileKind::Vocabulary),
            ("[policy]\nlayer = \"national\"\n[otherwise]\nregion = 1", FileKind::Baseline),
            ("\u{feff}[policy]\nlayer = \"national\"", FileKind::Baseline),
            ("[policy]\nlayer = \"national\" # not \"provincial\"", FileKind::Baseline),
            ("[policy]\nformat = 1\nlayer = \"provincial\"", FileKind::Overlay),
            ("[policy\nlayer = \"provinciall\"\nextends = \"X\"", FileKind::Overlay),
            ("\n[[place]]\nid = \"a\"", FileKind::Places),
            ("version = 1\ncovers = [\"42\"]", FileKind::RiskAreas),
        ] {
            assert_eq!(FileKind::of(text), Some(kind), "{text}");
        }
        assert_eq!(FileKind::of("listen = \"[::]:1\""), None);
    }

    #[test]
    fn the_province_is_that_of_the_first_place_or_of_the_overlay() {
        assert_eq!(region("[[place]]\narea = \"440113\""), "44".parse().ok());
        assert_eq!(region("region = \"42\""), "42".parse().ok());
        assert_eq!(region("[[place]]\nid = \"44\""), None);
    }
}
