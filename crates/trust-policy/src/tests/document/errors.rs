//! One change that leads to each error.

use super::File::{National, Places, Province, RiskAreas, Vocabulary};
use super::{Example, To, example};

#[rustfmt::skip]
pub(super) fn examples() -> Vec<Example> {
    vec![
        example("E001", National, "title = \"出行\"", "title = 出行"),
        example("E002", National, "title = \"出行\"\n", "title = \"出行\"\ntitle = \"旅行\"\n"),
        example("E003", National, "title = \"出行\"\n", "title = \"出行\"\ncolour = \"red\"\n"),
        example("E004", National, "max_age = \"24h\"\n", ""),
        example("E005", National, "age_below = 3", "age_below = \"3\""),
        example("E006", National, "purpose = [\"travel\"], from_risk = [\"low\"]", "purpose = [\"shopping\"], from_risk = [\"low\"]"),
        example("E007", National, "from_risk = [\"low\"]", "from_risk = [\"low\", \"low\"]"),
        example("E008", National, "from_risk = [\"low\"]", "from_risk = []"),
        example("E009", National, "id = \"R2\"", "id = \"R 2\""),
        example("E010", National, "id = \"R2\"", "id = \"R1\""),
        example("E011", National, "max_age = \"24h\"", "max_age = \"1.5h\""),
        example("E012", National, "then = \"review\", say = \"阳性\"", "say = \"阳性\", then = \"refus\""),
        example("E013", National, "province_may = \"tighten\"", "province_may = \"all\""),
        example("E014", National, "from = 2022-07-01T00:00:00+08:00", "from = 2022-07-01T00:00:00"),
        example("E015", National, "from = 2022-07-01T00:00:00+08:00", "from = 1969-07-01T00:00:00+08:00"),
        example("E016", National, "until = 2022-08-01T00:00:00+08:00", "until = 2022-06-01T00:00:00+08:00"),
        example("E017", National, "version = 3", "version = 0"),
        example("E018", National, "title = \"出行\"", "title = \" \""),
        example("E019", National, "ask = [\"exam_result\"]", "ask = [\"temperature\"]"),
        example("E020", National, "code = [\"contested\"]", "code = [\"blue\"]"),
        example("E021", National, "issuers = [\"42\", \"43\"]", "issuers = [\"42\", \"16\"]"),
        example("E022", National, "area = [\"42\", \"4401\"]", "area = [\"42\", \"440\"]"),
        example("E023", National, "format = 1", "format = 2"),
        example("E024", National, "layer = \"national\"", "layer = \"provincial\""),
        example("E025", Province, "[[distrust]]", "[grades.all]\n\"00\" = \"green\"\n[[distrust]]"),
        example("E026", National, "id = \"V\", version = 2", "id = \"V\", version = 3"),
        example("E027", National, "place = [\"shop\"], here_risk", "place = [\"shop\", \"hospital\"], here_risk"),
        example("E028", National, "ask = []\nprovince_may", "ask = []\notherwise = { then = \"admit\" }\nprovince_may"),
        example("E029", National, "otherwise = { then = \"review\", say = \"过期\" }\n", ""),
        example("E030", National, "{ id = \"tested\", pcr", "{ id = \"tested\", code = [\"green\"], pcr"),
        example("E031", National, ", unknown = \"24h\" }", " }"),
        example("E032", National, "pcr_within = \"48h\"", "pcr_within = \"by_place\""),
        example("E033", National, "id = \"positive\"", "id = \"otherwise\""),
        example("E034", Province, "region = \"44\"", "region = \"43\""),
        example("E035", Province, "extends = \"BASE\"", "extends = \"BASE-2\""),
        example("E036", Province, "replaces = \"R2\"", "replaces = \"R9\""),
        example("E037", Province, "from_risk = [\"low\"], area", "from_risk = [\"low\", \"high\"], area"),
        example("E038", Province, "replaces = \"R2\"\n", ""),
        example("E039", Province, "area = [\"4401\"]", "area = [\"4401\", \"4201\"]"),
        example("E040", Province, "from = 2022-07-06T00:00:00+08:00", "from = 2022-07-04T00:00:00+08:00"),
        example("E042", National, "kind = \"exam_result\"\nissuers = [\"all\"]", "kind = \"health_code\"\nissuers = [\"41\"]"),
        example("E043", National, "departments = [\"lab\"]\n", "departments = [\"lab\"]\nred_or_amber = { assigners = [\"cdc\"], assigned_for = [\"contact\"], evidence_any = [\"lab\"] }\n"),
        example("E044", National, "expect = { then = \"admit\", ask = [], by = \"R1\" }", "expect = { then = \"review\", ask = [], by = \"R1\" }"),
        too_large(),
        example("E046", Vocabulary, "unknown = {", "unclear = {"),
        too_many(),
        example("E048", Places, "\"spiffe://gd.example/app/commerce-1/gate\"", "\"https://gd.example/gate\""),
        example("E049", RiskAreas, "prefix = \"440106\"", "prefix = \"430102\""),
        example("E050", RiskAreas, "until = 2022-07-10T00:00:00+08:00", "until = 2022-07-11T00:00:00+08:00"),
        example("E051", Vocabulary, "amber = {", "orange = { zh = \"橙\", en = \"orange\" }\namber = {"),
        example("E052", Vocabulary, "shop = {", "Shop = {"),
        example("E053", National, "exam_within = \"7d\"", "exam_within = \"by_place\""),
        example("E054", National, "id = \"contested\", code = [\"contested\"]", "id = \"contested\", code = [\"contested\"], pcr = [\"positive\"]"),
        too_complex(),
    ]
}

fn too_large() -> Example {
    let text = format!("[[example]]\nname = \"不查\"\n# {}", "x".repeat(1024 * 1024));
    let words = "the same with a comment of 1,048,576 letters behind it 原样加上 1,048,576 个字母的注释";
    Example {
        code: "E045", file: National, from: "[[example]]\nname = \"不查\"", to: To::Long(text, words)
    }
}

fn too_many() -> Example {
    let text = format!("covers = [{}]", vec!["\"42\""; 65].join(","));
    let words = "a list of 65 values 65 项的列表";
    Example { code: "E047", file: RiskAreas, from: "covers = [\"42\", \"44\"]", to: To::Long(text, words) }
}

fn too_complex() -> Example {
    let codes = ["green", "contested", "amber", "red", "unreachable", "distrusted", "unfounded", "hearsay"];
    let cases = (0..250).map(|n| {
        let (age, minutes, code) = (1 + n % 149, n + 60, codes[n % codes.len()]);
        format!("{{ id = \"c{n}\", age_below = {age}, code = [\"{code}\"], pcr_within = \"{minutes}m\", then = \"admit\" }},\n")
    });
    let text = format!(
        "cases = [\n{}  {{ id = \"infant\", age_below = 3, then = \"admit\" }},\n",
        cases.collect::<String>()
    );
    let words = "the same behind 250 cases, each with another age, code and limit 前面加上 250 个情形，年龄、健康码、时限各不相同";
    let from = "cases = [\n  { id = \"infant\", age_below = 3, then = \"admit\" },\n";
    Example { code: "E055", file: National, from, to: To::Long(text, words) }
}
