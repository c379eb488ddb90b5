//! The stable codes of warnings: one table. A warning never makes a file invalid.
//!
//! W011 to W019 stand for the nine don'ts of 2022-06-05 (九不准), by their number; those that no rule can show have no
//! code. A number is never reused.

use super::row::codes;

codes! { Lint 'W'
    1 UnwrittenBasis {
        zh: "依据“{0}”不是公开文件", en: "the basis `{0}` is no published document",
        help_zh: "写明文号和条款；口头通知、会议纪要不能让人查证",
        help_en: "name a document and its article; nobody can look up an oral notice or the minutes of a meeting",
    }
    2 LongValidity {
        zh: "有效期为 {0} 天，超过 90 天", en: "the file holds for {0} days, more than 90",
        help_zh: "把 until 提前，到期前重新核对再发布", help_en: "bring until forward; review and publish it again before it ends",
    }
    3 NotDisclosed {
        zh: "规则 {0} 为“{1}”要查{2}，但没有一条 [[disclose]] 为此把它们一并告诉任何部门",
        en: "rule {0} asks for {2} for {1}, yet no [[disclose]] entry tells that to any department",
        help_zh: "各省都会拒绝回答；在国家基线里增订 [[disclose]]，或少查",
        help_en: "every province would refuse to answer; add a [[disclose]] entry to the baseline, or ask for less",
    }
    4 HidingPays {
        zh: "按规则 {0}，隐瞒{1}反而放行，例如：{2}——转人工；隐瞒后放行",
        en: "under rule {0} it pays to hide {1}, for example: {2}: review; without it: admit",
        help_zh: "没有或不明不得比有更宽：在放行的情形里写明{1}应当怎样，或把转人工的情形写在前面",
        help_en: "absence must be no lighter than presence: say in the case that admits what {1} must be, or review first",
    }
    5 LabelNotMapped {
        zh: "{0} 的标签“{1}”出现过 {2} 次，[grades] 没有对应的等级",
        en: "the label `{1}` of region {0} was seen {2} times, and no table of [grades] maps it",
        help_zh: "在 [grades.\"{0}\"] 里写明它的等级；只有这一个标签的码谁也不会采信",
        help_en: "give its grade in [grades.\"{0}\"]; a code that has no other label is believed nowhere",
    }
    6 RuleWithoutExample {
        zh: "规则 {0} 没有例子", en: "rule {0} has no example",
        help_zh: "在本文件加一个 [[example]]，写明一种由 {0} 管的情形和应有的结果",
        help_en: "add an [[example]] to this file: one situation that {0} governs, and what must come out",
    }
    11 LowRiskRestricted {
        zh: "规则 {0} 把查验扩大到低风险区，例如：{1}（九不准之一）",
        en: "rule {0} extends checks to low-risk areas, for example: {1} (don't 1 of nine)",
        help_zh: "把 low 从 when 中去掉，或给低风险区另立一条 ask = [] 或更宽的规则",
        help_en: "take low out of when, or give low-risk areas a rule of their own that asks nothing or less",
    }
    12 LowRiskArrivalsTurnedBack {
        zh: "规则 {0} 对低风险区来的人{1}（九不准之二）",
        en: "rule {0}, about people from low-risk areas, {1} (don't 2 of nine)",
        help_zh: "写明什么证明可以放行；不要求劝返或隔离", help_en: "say which proof admits them; demand neither return nor isolation",
    }
    14 RiskPersonsWidened {
        zh: "情形 {0} 把没有依据的码（{1}）与红黄码一样对待（九不准之四）",
        en: "case {0} treats codes without foundation ({1}) as it treats red or amber ones (don't 4 of nine)",
        help_zh: "把 {1} 拆成单独的情形：没有依据的码不采用，看核酸或请人工核对",
        help_en: "give {1} a case of its own: such a code is not used; look at the test, or have a person look",
    }
    16 TreatmentChecked {
        zh: "规则 {0} 在就医时查验（九不准之六）", en: "rule {0} asks for proof before medical treatment (don't 6 of nine)",
        help_zh: "就医写 ask = []；不得以健康码或核酸为由拒诊",
        help_en: "for treatment write ask = []; no code and no test is a ground to refuse it",
    }
    18 OwnCheckpoint {
        zh: "规则 {0} 在国家基线不查的地方自设查验（九不准之八）",
        en: "rule {0} sets a checkpoint where the baseline has none (don't 8 of nine)",
        help_zh: "删去这条规则；确需设置的，先由国家基线规定", help_en: "delete the rule; if it is needed, have the baseline provide for it first",
    }
    19 LowRiskPlacesClosed {
        zh: "规则 {0} 使低风险区的场所谁也不能直接进入，例如：{1}（九不准之九）",
        en: "rule {0} lets nobody pass into a place of a low-risk area, for example: {1} (don't 9 of nine)",
        help_zh: "写明什么证明可以放行，或写 ask = []", help_en: "say which proof admits, or write ask = []",
    }
}
