//! One change that leads to each warning.

use super::File::{National, Province};
use super::{Example, example};

#[rustfmt::skip]
pub(super) fn examples() -> Vec<Example> {
    vec![
        example("W001", Province, "basis = \"省二\"", "basis = \"口头通知\""),
        example("W002", National, "until = 2022-08-01T00:00:00+08:00", "until = 2023-07-01T00:00:00+08:00"),
        example("W003", National, "purposes = [\"travel\", \"visit\"]", "purposes = [\"visit\"]"),
        example("W004", National, "code = [\"none\"], pcr = [\"stale\"], then = \"review\", say = \"都没有\"", "code = [\"none\"], pcr = [\"negative\"], then = \"admit\""),
        example("W005", National, "\"弹窗3\" = \"amber\"\n", ""),
        example("W006", National, "given = { purpose = \"visit\", place = \"hospital\" }\nexpect = { by = \"R3\" }", "given = { purpose = \"treatment\" }\nexpect = { then = \"admit\" }"),
        example("W011", National, "from_risk = [\"low\"]", "from_risk = [\"low\", \"high\"]"),
        example("W012", National, "say = \"不全\"", "say = \"一律劝返\""),
        example("W014", National, "id = \"contested\", code = [\"contested\"]", "id = \"red\", code = [\"red\", \"hearsay\"]"),
        example("W016", National, "purpose = [\"visit\"], place = [\"hospital\"]", "purpose = [\"visit\", \"treatment\"], place = [\"hospital\"]"),
        example("W018", Province, "[[example]]\nname = \"广州\"", OWN),
        example("W019", National, "cases = [ { id = \"tested\", pcr = [\"negative\"], pcr_within = \"by_place\", then = \"admit\" } ]\n", ""),
    ]
}

const OWN: &str = r#"[[rule]]
id = "P3"
title = "省界检查点"
when = { purpose = ["travel"], from_risk = ["high"] }
ask = ["nucleic_test"]
cases = [ { id = "tested", pcr = ["negative"], then = "admit" } ]
otherwise = { then = "review" }
owner = "省"
basis = "省三"
[[example]]
name = "从高风险区来"
given = { purpose = "travel", from_risk = "high" }
expect = { then = "review", by = "P3" }
[[example]]
name = "广州""#;
