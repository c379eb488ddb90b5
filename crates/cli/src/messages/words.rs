//! Words for people: labels of lines, and the stable names of results in both languages.

use huxin_attest::text::printable;
use huxin_trust_policy::{Lang, belief_zh};

macro_rules! words {
    ($($name:ident $zh:literal $en:literal;)*) => {
        /// The label of a line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word { $($name,)* }

        impl Word {
            /// The label in this language.
            pub(crate) const fn get(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Zh) => $zh, (Self::$name, Lang::En) => $en,)* }
            }
        }
    };
}

words! {
    Outcome "结论" "outcome";
    Rule "规则" "rule";
    Title "规则名称" "title";
    Say "告知" "say";
    Must "须办" "must";
    Basis "依据" "basis";
    Owner "负责单位" "owner";
    Appeal "申诉" "appeal";
    Asked "查询" "asked";
    Heard "所闻" "heard";
    Time "时间" "time";
    Policy "策略文件" "policy";
    Age "年龄来源" "age from";
    Nearest "怎样会改变" "what would change it";
    CaseByCase "逐条" "case by case";
    ByBaseline "按国家基线" "by the baseline alone";
    Review "转人工" "review";
    Decision "决定" "decision";
    Receipt "凭据" "receipt";
    Log "日志" "log";
    Entry "条目" "entry";
    Kind "类型" "type";
    Purpose "用途" "purpose";
    Department "部门" "department";
    Size "条目数" "entries";
    Root "根哈希" "root";
    Integrated "已入瓦片的条目数" "entries in tiles";
    Records "日志段中的记录数" "records in journals";
    Verified "验证" "verified";
    Identity "身份" "identity";
    Serial "序列号" "serial";
    Certificate "证书" "certificate";
    Key "私钥" "key";
    PublicKey "公钥" "public key";
    KeyId "公钥编号" "key id";
    File "文件" "file";
    People "人数" "people";
    Facts "陈述" "facts";
    Sent "新增" "new";
    Known "已有" "known";
    Skipped "此前已导入" "imported before";
    Rejected "跳过的行" "left out";
    Digest "摘要" "digest";
    State "状态" "state";
    StatedAt "陈述时间" "stated at";
    SampledAt "采样时间" "sampled at";
    ReportedAt "报告时间" "reported at";
    ValidUntil "有效至" "valid until";
    Rate "速率（条/秒）" "facts a second";
    InForce "现行" "in force";
    Warning "告警" "warning";
    Region "省" "region";
    Version "程序版本" "version";
    Federation "成员名单" "membership";
    Peer "外省" "peer";
    Counted "计数" "counted";
}

/// A stable name as people read it: machines and English keep the name itself.
pub(crate) fn spoken(name: &str, lang: Lang) -> &str {
    if lang == Lang::En {
        return name;
    }
    let table = [
        ("admit", "放行"),
        ("review", "转人工"),
        ("otherwise", "其余情形"),
        ("admitted", "准予通行"),
        ("answered", "已答"),
        ("refused", "拒答"),
        ("unreachable", "没有应答"),
        ("own", "本省"),
        ("reused", "沿用此前核验过的回答"),
        ("document", "证件"),
        ("declared", "代办人申报"),
        ("unknown", "不详"),
        ("health_code", "健康码"),
        ("nucleic_test", "核酸检测"),
        ("exam_result", "检查检验结果"),
        ("none_stated", "未示色"),
        ("overdue", "申诉逾期"),
        ("evidence", "依据材料"),
        ("head", "现行"),
        ("past", "已被取代"),
        ("withdrawn", "已撤回"),
        ("answer", "答复"),
        ("refusal", "拒答"),
        ("decision", "决定"),
        ("resolution", "人工处理"),
        ("aggregate", "汇总"),
        ("change", "变更"),
        ("refused_statement", "未收的陈述"),
        ("reuse", "沿用"),
        ("policy", "策略"),
        ("membership", "成员名单"),
        ("vocabulary", "词表"),
        ("baseline", "国家基线"),
        ("overlay", "省级规则"),
        ("places", "场所清单"),
        ("risk_areas", "风险区清单"),
    ];
    let listed = table.iter().find(|(known, _)| *known == name).map(|(_, zh)| *zh);
    listed.or_else(|| belief_zh(name)).unwrap_or(name)
}

/// Lines of the form `label: value`.
#[derive(Debug)]
pub(crate) struct Lines {
    lang: Lang,
    text: String,
}

impl Lines {
    /// None yet.
    pub(crate) const fn new(lang: Lang) -> Self {
        Self { lang, text: String::new() }
    }

    /// Adds a line, unless its value is empty. A value may come from afar: control characters in it are not shown.
    pub(crate) fn add(&mut self, word: Word, value: impl std::fmt::Display) {
        let value = printable(&value.to_string());
        if value.is_empty() {
            return;
        }
        let colon = match self.lang {
            Lang::Zh => "：",
            Lang::En => ": ",
        };
        self.text.push_str(word.get(self.lang));
        self.text.push_str(colon);
        self.text.push_str(&value);
        self.text.push('\n');
    }

    /// The text.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_afar_cannot_make_lines_or_colours() {
        let mut lines = Lines::new(Lang::En);
        lines.add(Word::Say, "a\nrule: b\u{1b}[31m");
        lines.add(Word::Rule, "");
        assert_eq!(lines.finish(), "say: a\u{fffd}rule: b\u{fffd}[31m\n");
    }
}
