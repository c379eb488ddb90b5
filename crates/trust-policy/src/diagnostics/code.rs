//! The stable codes of errors: one table. `{0}`, `{1}`… stand for what the finding is about.
//!
//! A code's number is never reused. Messages say what is wrong; helps say what to write instead.

use super::row::codes;

codes! { Code 'E'
    1 Syntax {
        zh: "TOML 写法有误：{0}", en: "this is not valid TOML: {0}",
        help_zh: "按 TOML 的写法改正这一处", help_en: "correct the TOML here",
    }
    2 DuplicateKey {
        zh: "键“{0}”写了两次", en: "the key `{0}` is written twice",
        help_zh: "一张表里每个键只写一次，删去一处", help_en: "write each key of a table once; delete one of the two",
    }
    3 UnknownKey {
        zh: "不认识的键“{0}”", en: "unknown key `{0}`",
        help_zh: "这里可以写：{1}", help_en: "what may stand here: {1}",
    }
    4 MissingKey {
        zh: "缺少必填项“{0}”", en: "the key `{0}` is missing",
        help_zh: "在这里补上 {0}", help_en: "add {0} here",
    }
    5 WrongType {
        zh: "“{0}”的写法不对：这里写的是{1}", en: "`{0}` has the wrong type: this is {1}",
        help_zh: "要写成{2}", help_en: "write {2}",
    }
    6 NotInVocabulary {
        zh: "词表 [{0}] 里没有“{1}”", en: "the vocabulary's [{0}] has no `{1}`",
        help_zh: "可选：{2}", help_en: "choose from: {2}",
    }
    7 RepeatedValue {
        zh: "“{0}”写了两次", en: "`{0}` is listed twice",
        help_zh: "删去一处", help_en: "delete one of the two",
    }
    8 Empty {
        zh: "“{0}”不能为空", en: "`{0}` must not be empty",
        help_zh: "至少写一项；不作限制就整行不写", help_en: "write at least one; to set no limit leave the key out",
    }
    9 BadId {
        zh: "编号“{0}”的写法不对", en: "`{0}` is no id",
        help_zh: "1 到 40 个字母、数字、“-”、“_”或“.”，以字母或数字开头",
        help_en: "1 to 40 letters, digits, `-`, `_` or `.`, beginning with a letter or digit",
    }
    10 DuplicateId {
        zh: "编号“{0}”重复", en: "the id `{0}` is used twice",
        help_zh: "{1}已经用过，换一个编号", help_en: "it is used {1}; choose another",
    }
    11 BadDuration {
        zh: "“{0}”不是时长", en: "`{0}` is no duration",
        help_zh: "写成正整数加 m（分）、h（时）或 d（天），例如 \"48h\"，最长 3650d",
        help_en: "write a positive integer and m, h or d, such as \"48h\", at most 3650d",
    }
    12 UnknownOutcome {
        zh: "不认识的处置 “{0}”", en: "unknown outcome `{0}`",
        help_zh: "只能写 admit（放行）或 review（转人工）；机器不作拒绝决定",
        help_en: "write admit or review; the machine never refuses, only a person does",
    }
    13 UnknownWord {
        zh: "“{0}”不能写“{1}”", en: "`{0}` cannot be `{1}`",
        help_zh: "只能写：{2}", help_en: "write one of: {2}",
    }
    14 MissingOffset {
        zh: "时间“{0}”没有写时区", en: "the time `{0}` has no offset",
        help_zh: "写全日期、时间和时区，例如 2022-07-01T00:00:00+08:00",
        help_en: "write date, time and offset, such as 2022-07-01T00:00:00+08:00",
    }
    15 TimeOutOfRange {
        zh: "时间“{0}”超出范围", en: "the time `{0}` is out of range",
        help_zh: "写 1970 年到 9999 年之间的时间", help_en: "write a time between 1970 and 9999",
    }
    16 PeriodReversed {
        zh: "终止时间不晚于起始时间", en: "the period ends before it begins",
        help_zh: "until 必须晚于 from", help_en: "until must be later than from",
    }
    17 OutOfRange {
        zh: "“{0}”超出范围", en: "`{0}` is out of range",
        help_zh: "写 {1} 到 {2} 之间的整数", help_en: "write an integer from {1} to {2}",
    }
    18 BadText {
        zh: "“{0}”的文字不能用", en: "the text of `{0}` cannot be used",
        help_zh: "写 1 到 {1} 个字符，不含换行和控制字符",
        help_en: "write 1 to {1} characters without line breaks or control characters",
    }
    19 UnknownKind {
        zh: "不认识的证明种类“{0}”", en: "unknown kind `{0}`",
        help_zh: "可选：{1}", help_en: "choose from: {1}",
    }
    20 UnknownEvidence {
        zh: "“{1}”不是 {0} 的取值或状态", en: "`{1}` is neither a value nor a state of `{0}`",
        help_zh: "可选：{2}", help_en: "choose from: {2}",
    }
    21 BadRegion {
        zh: "“{0}”不是省级区域代码", en: "`{0}` is no province-level region code",
        help_zh: "写两位代码，例如 \"42\"{1}", help_en: "write two digits such as \"42\"{1}",
    }
    22 BadArea {
        zh: "“{0}”不是区划代码", en: "`{0}` is no area code",
        help_zh: "写{1}", help_en: "write {1}",
    }
    23 UnknownFormat {
        zh: "不认识的格式版本 {0}", en: "unknown format {0}",
        help_zh: "本程序只读 format = 1", help_en: "this program reads format = 1 only",
    }
    24 WrongLayer {
        zh: "层级“{0}”用错了地方", en: "the layer `{0}` does not belong here",
        help_zh: "这个文件应当是 layer = \"{1}\"", help_en: "this file must have layer = \"{1}\"",
    }
    25 NotInOverlay {
        zh: "省级补充规则里不能写“{0}”", en: "a provincial overlay cannot hold `{0}`",
        help_zh: "这一项只由国家基线规定；省级文件只写：{1}",
        help_en: "only the national baseline sets it; an overlay holds: {1}",
    }
    26 WrongVocabulary {
        zh: "基线用的词表是 {0}，给出的是 {1}", en: "the baseline names vocabulary {0}, but {1} was given",
        help_zh: "换成基线指定的词表，或改正这里的编号和版本",
        help_en: "give the vocabulary that the baseline names, or correct id and version here",
    }
    27 RulesOverlap {
        zh: "规则 {0} 与 {1} 的范围重叠，例如：{2}", en: "rules {0} and {1} overlap, for example: {2}",
        help_zh: "{1} 在第 {3} 行；缩小其中一条的 when，使同一种情形只归一条规则",
        help_en: "{1} is on line {3}; narrow one of the two, so that one rule alone governs each situation",
    }
    28 NothingAsked {
        zh: "规则 {0} 什么也不查，却写了“{1}”", en: "rule {0} asks nothing, yet has `{1}`",
        help_zh: "ask = [] 时直接放行；删去 {1}，或在 ask 里写明查什么",
        help_en: "with ask = [] the person is admitted; delete {1}, or name in ask what is asked",
    }
    29 MissingOtherwise {
        zh: "规则 {0} 没有写“otherwise”", en: "rule {0} has no `otherwise`",
        help_zh: "写明其余情形怎么办，例如 otherwise = { then = \"review\", say = \"…\" }",
        help_en: "say what happens otherwise, such as otherwise = { then = \"review\", say = \"…\" }",
    }
    30 NotAsked {
        zh: "情形 {0} 要看“{1}”，但本规则不查 {2}", en: "case {0} looks at `{1}`, but the rule does not ask for {2}",
        help_zh: "在 ask 里加上 {2}，或删去这个条件", help_en: "add {2} to ask, or delete this condition",
    }
    31 MissingHours {
        zh: "时限表里没有 {0} × {1}", en: "the table of hours has no cell for {0} × {1}",
        help_zh: "在国家基线的 [hours.by_place] 补上这一格，或缩小本规则的 when",
        help_en: "add the cell to [hours.by_place] of the baseline, or narrow this rule",
    }
    32 HoursWithoutPlace {
        zh: "规则 {0} 没有写场所，查不了时限表", en: "rule {0} names no place, so the table of hours cannot be read",
        help_zh: "在 when 里写 place，或直接写时长", help_en: "name places in when, or write a duration",
    }
    33 ReservedId {
        zh: "“{0}”是保留的编号", en: "the id `{0}` is reserved",
        help_zh: "换一个编号；它指“其余情形”", help_en: "choose another; it means the last branch",
    }
    34 WrongRegion {
        zh: "这份省级规则属于 {0}，本节点属于 {1}", en: "this overlay belongs to region {0}, the node to {1}",
        help_zh: "只能使用本省的省级规则", help_en: "a node applies the overlay of its own region only",
    }
    35 WrongBaseline {
        zh: "这份省级规则以 {0} 为准，给出的基线是 {1}", en: "this overlay extends {0}, but the baseline is {1}",
        help_zh: "写现行基线的编号，并重新核对各条规则", help_en: "name the baseline in force, and check every rule against it",
    }
    36 NothingToReplace {
        zh: "国家基线里没有规则“{0}”", en: "the baseline has no rule `{0}`",
        help_zh: "可选：{1}", help_en: "choose from: {1}",
    }
    37 OutsideReplaced {
        zh: "规则 {0} 超出了它所替换的 {1} 的范围，例如：{2}",
        en: "rule {0} reaches beyond {1}, which it replaces; for example: {2}",
        help_zh: "把 when 限定在 {1} 的范围内", help_en: "keep the box inside that of {1}",
    }
    38 MissingReplaces {
        zh: "规则 {0} 没有写 replaces，但国家基线 {1} 已有规定，例如：{2}",
        en: "rule {0} has no `replaces`, yet rule {1} of the baseline governs, for example: {2}",
        help_zh: "写 replaces = \"{1}\"，或避开它的范围", help_en: "write replaces = \"{1}\", or keep out of its box",
    }
    39 AreaOutside {
        zh: "区划 {0} 不在 {1} 之内", en: "the area {0} lies outside {1}",
        help_zh: "只写以 {1} 开头的区划", help_en: "write areas that begin with {1} only",
    }
    40 OutsideValidity {
        zh: "停止采信 {0} 的期限超出了本文件的有效期", en: "distrust {0} reaches beyond the validity of its file",
        help_zh: "起止时间都要在 [policy] 的 from 和 until 之内", help_en: "keep it inside from and until of [policy]",
    }
    42 EntriesOverlap {
        zh: "{0} 与 {1} 都管到：{2}", en: "{0} and {1} both cover: {2}",
        help_zh: "{1} 在第 {3} 行；使同一种情形只归一条", help_en: "{1} is on line {3}; let one entry alone cover it",
    }
    43 CodeOnly {
        zh: "“{0}”只用于健康码", en: "`{0}` is for health codes only",
        help_zh: "删去，或把 kind 写成 health_code", help_en: "delete it, or write kind = \"health_code\"",
    }
    44 ExampleFailed {
        zh: "例子“{0}”不成立：{1} 应为 {2}，实得 {3}", en: "example `{0}` fails: {1} should be {2}, but is {3}",
        help_zh: "改正规则，或改正例子", help_en: "correct the rule, or the example",
    }
    45 TooLarge {
        zh: "文件太大：{0} 字节", en: "the file is too large: {0} bytes",
        help_zh: "最多 {1} 字节", help_en: "at most {1} bytes",
    }
    46 FixedTerms {
        zh: "词表 [{0}] 必须有“{1}”", en: "the vocabulary's [{0}] must have `{1}`",
        help_zh: "格式 1 规定了这个取值，补上它", help_en: "format 1 relies on this value; add it",
    }
    47 TooMany {
        zh: "“{0}”太多：{1} 项", en: "too many entries in `{0}`: {1}",
        help_zh: "最多 {2} 项", help_en: "at most {2}",
    }
    48 BadApp {
        zh: "“{0}”不是应用的身份标识", en: "`{0}` is no identity of an app",
        help_zh: "写成 spiffe://域/app/部门/名称", help_en: "write spiffe://<trust domain>/app/<department>/<name>",
    }
    49 NotCovered {
        zh: "区划 {0} 不在 covers 之内", en: "the area {0} lies outside `covers`",
        help_zh: "在 covers 里加上它的省份，或删去这一项", help_en: "add its region to covers, or delete the entry",
    }
    50 TooLong {
        zh: "有效期超过 {0}", en: "the period is longer than {0}",
        help_zh: "把 until 提前，按时发布新的清单", help_en: "bring until forward, and publish a new list in time",
    }
    51 FixedGrades {
        zh: "格式 1 没有“{0}”这个等级", en: "format 1 knows no grade `{0}`",
        help_zh: "只能有：green、amber、red", help_en: "it has green, amber and red only",
    }
    52 BadTerm {
        zh: "“{0}”不能作词表的取值", en: "`{0}` cannot be a term of the vocabulary",
        help_zh: "1 到 32 个小写字母、数字或下划线", help_en: "1 to 32 lower-case letters, digits or underscores",
    }
    53 ByPlaceOnlyTests {
        zh: "“{0}”不能写 by_place", en: "`{0}` cannot be by_place",
        help_zh: "时限表只管核酸（pcr_within）；这里写时长", help_en: "the table of hours is for pcr_within; write a duration here",
    }
    54 DeadCase {
        zh: "规则 {1} 的情形 {0} 永远轮不到：{2}", en: "case {0} of rule {1} can never be the first to match: {2}",
        help_zh: "删去它，把它移到前面，或改正条件", help_en: "delete it, move it up, or correct its conditions",
    }
    55 TooComplex {
        zh: "规则 {0} 的情形组合太多，无法逐格比较", en: "rule {0} has too many combinations of cases to be compared",
        help_zh: "减少不同的时限、年龄和取值，或拆成几条规则",
        help_en: "use fewer different limits, ages and values, or split the rule",
    }
}

impl Code {
    /// Does this code say that something is not there? Then a syntax error may be the cause.
    pub(super) const fn is_absence(self) -> bool {
        matches!(self, Self::MissingKey | Self::MissingOtherwise | Self::MissingHours | Self::FixedTerms)
    }
}
