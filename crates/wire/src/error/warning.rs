//! What wants an operator's eye though nothing failed: the table of stable warnings.
//!
//! Warnings stand in `Operator.Status`; whom one is about follows its name behind a colon.

use super::table::words;

words! {
    /// What wants an operator's eye. The names are stable: programs may depend on them.
    Warning;

    // The baseline.
    /// The baseline begins later.
    BaselineNotYet = "baseline_not_yet",
        "国家基线尚未生效，此前什么也不得查", "请核对节点时钟和成员名单所定的基线",
        "the baseline does not hold yet, and until then nothing may be asked",
        "check the clock and which baseline the membership list pins";
    /// The baseline ends within 14 days.
    BaselineEnds14d = "baseline_ends_14d",
        "国家基线将在 14 天内到期", "请取得下一版基线和成员名单",
        "the baseline ends within 14 days", "obtain the next baseline and membership list";
    /// The baseline ends within 7 days.
    BaselineEnds7d = "baseline_ends_7d",
        "国家基线将在 7 天内到期", "请尽快取得下一版基线和成员名单",
        "the baseline ends within 7 days", "obtain the next baseline and membership list soon";
    /// The baseline ends within a day.
    BaselineEnds1d = "baseline_ends_1d",
        "国家基线将在 1 天内到期，到期后什么也不得查", "请今天换上下一版",
        "the baseline ends within a day, and from then on nothing may be asked", "bring the next one into force today";
    /// The baseline ended.
    BaselineExpired = "baseline_expired",
        "国家基线已到期，什么也不得查，人人放行", "请立即换上下一版基线和成员名单",
        "the baseline has ended: nothing may be asked, and everybody is admitted",
        "bring the next baseline and membership list into force at once";

    // The overlay.
    /// The overlay begins later.
    OverlayNotYet = "overlay_not_yet",
        "省级规则尚未生效，现按国家基线", "到期自行生效，无需操作",
        "the overlay does not hold yet, and the baseline alone rules", "nothing: it begins by itself";
    /// The overlay ends within 14 days.
    OverlayEnds14d = "overlay_ends_14d",
        "省级规则将在 14 天内到期", "如需延续，请起草并签署下一版",
        "the overlay ends within 14 days", "if it is to go on, have the next version drafted and signed";
    /// The overlay ends within 7 days.
    OverlayEnds7d = "overlay_ends_7d",
        "省级规则将在 7 天内到期", "如需延续，请尽快签署下一版",
        "the overlay ends within 7 days", "if it is to go on, have the next version signed soon";
    /// The overlay ends within a day.
    OverlayEnds1d = "overlay_ends_1d",
        "省级规则将在 1 天内到期，到期后按国家基线", "如需延续，请今天换上下一版",
        "the overlay ends within a day, and then the baseline alone rules",
        "if it is to go on, apply the next version today";
    /// The overlay ended.
    OverlayExpired = "overlay_expired",
        "省级规则已到期，现按国家基线", "如不再需要，请撤下；如需延续，请换上下一版",
        "the overlay has ended, and the baseline alone rules", "roll it back, or apply the next version";

    // Other provinces' policies.
    /// A peer judges by another baseline.
    PeerOtherBaseline = "peer_other_baseline",
        "该省所用的国家基线或词表与成员名单所定的不同", "请与该省核对成员名单的版本",
        "this province judges by another baseline or vocabulary than the membership list pins",
        "compare the versions of the membership list with it";
    /// A peer's overlay goes beyond what the baseline lets a province do.
    PeerOverReach = "peer_over_reach",
        "该省生效的省级规则超出国家基线所许，与国家基线逐格比较得出", "请知会该省和主管部门",
        "this province's overlay in force goes beyond what the baseline allows, by exact comparison",
        "tell that province and the supervisor";
    /// A peer's overlay is not signed by enough of those whom the membership list names.
    PeerUnsignedOverlay = "peer_unsigned_overlay",
        "该省生效的省级规则没有成员名单所要求的签名", "请知会该省和主管部门",
        "this province's overlay in force is not signed by those whom the membership list names",
        "tell that province and the supervisor";
    /// A peer's overlay is no valid policy.
    PeerInvalidOverlay = "peer_invalid_overlay",
        "该省生效的省级规则无法按格式读取", "请与该省核对程序版本",
        "this province's overlay in force is no valid policy", "compare the versions of the program with it";
    /// A peer does not show the overlay that it names.
    PeerWithholdsOverlay = "peer_withholds_overlay",
        "该省没有出示它所称生效的省级规则，或出示的文件与所称不符", "请与该省联系",
        "this province does not show the overlay that it names, or shows another file", "call that province";
    /// A peer changes its policy more often than is recorded.
    PeerPolicyRestless = "peer_policy_restless",
        "该省更换政策过于频繁，只记录其中最新的", "请与该省联系",
        "this province changes its policy more often than is recorded; the newest is kept", "call that province";

    // Places, risk areas, lists, clocks and logs.
    /// `places.toml` was refused.
    PlacesRejected = "places_rejected",
        "场所清单有误，仍用原来的", "请按节点日志所示改正后重读",
        "places.toml was refused, and the one in force stays", "correct what the node's log says and reload";
    /// `risk-areas.toml` was refused.
    RiskAreasRejected = "risk_areas_rejected",
        "风险区清单有误，仍用原来的", "请按节点日志所示改正或重新签署",
        "risk-areas.toml was refused, and the one in force stays",
        "correct what the node's log says, or have it signed anew";
    /// `risk-areas.toml` holds later.
    RiskAreasWaiting = "risk_areas_waiting",
        "新的风险区清单尚未到生效时间", "到期自行生效，无需操作",
        "the new risk-areas.toml holds later", "nothing: it comes into force by itself";
    /// The risk areas ended.
    RiskAreasExpired = "risk_areas_expired",
        "风险区清单已到期，所有风险均为未知", "请立即换上下一份清单",
        "the risk areas have ended, and every risk is unknown", "bring the next list into force at once";
    /// The membership list ends within 14 days.
    FederationEndsSoon = "federation_ends_soon",
        "成员名单将在 14 天内到期，到期后无法互信", "请取得下一版",
        "the membership list ends within 14 days, and then nobody is believed", "obtain the next version";
    /// A revocation list is too old.
    RevocationListStale = "revocation_list_stale",
        "该信任域的吊销列表过旧，其证书一概不认", "请取得新的吊销列表",
        "the revocation list of this trust domain is too old, and none of its certificates is believed",
        "obtain the current one";
    /// A peer's log forked.
    LogForked = "log_forked",
        "该日志前后矛盾，已不再采信", "请立即与该省和主管部门联系，并保留现场",
        "this log contradicts itself and is no longer believed",
        "call that province and the supervisor at once, and keep all files";
    /// The facts clock is not the real one.
    FactsClockMoved = "facts_clock_moved",
        "业务时钟不是真实时间", "正式运行时请去掉 facts_start",
        "the facts clock is not the real clock", "remove facts_start from a node in operation";
    /// Red and amber codes are taken without foundation.
    FoundednessSkipped = "foundedness_skipped",
        "红码和黄码不查依据即予收录", "正式运行时请去掉 dangerous_skip_foundedness",
        "red and amber codes are taken without foundation",
        "remove dangerous_skip_foundedness from a node in operation";
    /// A department turned many codes.
    MassChange = "mass_change",
        "该部门一小时内把许多人的码转为红色或黄色", "请立即核查",
        "this department turned many people's codes red or amber within an hour", "investigate at once";
}
