//! Why a request failed: the table of stable reasons.
//!
//! A row: variant = name, gRPC code, retry class, meaning and what to do in Chinese, the same in English. Texts are in
//! lower case without a full stop. New reasons stand at the end of their topic; a name that was released never changes
//! its meaning. `docs/errors.md` is made from this table.

use std::time::Duration;

use tonic::Code;

use super::Retry;
use super::table::words;

/// How long a caller waits where nothing better is known.
pub(super) const SHORT_WAIT: Duration = Duration::from_millis(250);

macro_rules! reasons {
    ($(
        $(#[$doc:meta])* $variant:ident = $name:literal, $code:ident, $retry:expr,
            $meaning_zh:literal, $todo_zh:literal, $meaning_en:literal, $todo_en:literal;
    )*) => {
        words! {
            /// Why a request failed. The names are stable: callers may depend on them.
            Reason;
            $($(#[$doc])* $variant = $name, $meaning_zh, $todo_zh, $meaning_en, $todo_en;)*
        }

        impl Reason {
            /// The gRPC status code.
            pub const fn code(self) -> Code {
                match self { $(Self::$variant => Code::$code,)* }
            }

            /// Whether asking again can help.
            pub const fn retry(self) -> Retry {
                match self { $(Self::$variant => $retry,)* }
            }
        }
    };
}

reasons! {
    // Requests in general.
    /// A field is missing, malformed or over its bound.
    InvalidRequest = "invalid_request", InvalidArgument, Retry::Never,
        "请求中有字段缺失、格式不对或超过上限", "请按提示改正该字段",
        "a field is missing, malformed or over its bound", "correct the field that the detail names";
    /// The message is longer than the node takes.
    MessageTooLarge = "message_too_large", OutOfRange, Retry::Never,
        "消息超过上限", "请拆小后再发",
        "the message is longer than the node takes", "send it in smaller parts";
    /// The certificate's role may not call this RPC.
    RpcNotAllowed = "rpc_not_allowed", PermissionDenied, Retry::Never,
        "该证书的角色无权调用此接口", "请改用有权的证书",
        "the certificate's role may not call this RPC", "use a certificate of a role that may";
    /// The certificate belongs to another province.
    ForeignCertificate = "foreign_certificate", PermissionDenied, Retry::Never,
        "该接口只对本省证书开放", "请向本省节点提出",
        "this RPC is open to certificates of the node's own province only", "ask the node of your province";
    /// A node of this very province called the exchange.
    OwnCertificate = "own_certificate", PermissionDenied, Retry::Never,
        "该接口只对外省节点开放", "请核对成员名单中的地址，勿连接本省节点",
        "this RPC is open to nodes of other provinces only",
        "check the endpoints in the membership list: a node does not dial its own province";
    /// No such RPC.
    UnknownRpc = "unknown_rpc", Unimplemented, Retry::Never,
        "没有这个接口", "请核对接口名和版本",
        "there is no such RPC", "check its name and version";
    /// The request id was used for another payload.
    RequestIdReused = "request_id_reused", AlreadyExists, Retry::Never,
        "该请求号已用于另一内容", "请换一个新的请求号",
        "this request id was used for another payload", "take a fresh one";

    // Places and purposes.
    /// `places.toml` does not know the place.
    PlaceUnknown = "place_unknown", FailedPrecondition, Retry::Never,
        "places.toml 中没有该场所", "请由运维人员登记",
        "places.toml does not list this place", "have an operator register it";
    /// The place is bound to other apps.
    PlaceNotBound = "place_not_bound", PermissionDenied, Retry::Never,
        "该场所没有绑定此应用证书", "请由运维人员绑定",
        "the place is not bound to this app's certificate", "have an operator bind it";
    /// The place is not registered for the purpose.
    PurposeNotAllowed = "purpose_not_allowed", PermissionDenied, Retry::Never,
        "该场所没有登记这一用途", "请改用登记的用途",
        "the place is not registered for this purpose", "use one that is";
    /// The vocabulary has no such purpose.
    PurposeUnknown = "purpose_unknown", InvalidArgument, Retry::Never,
        "词表中没有这一用途", "请改用词表所列的用途",
        "the vocabulary has no such purpose", "use one that it lists";

    // What a province tells another.
    /// The membership list does not name the department for its region.
    DepartmentNotListed = "department_not_listed", PermissionDenied, Retry::Never,
        "成员名单中没有该部门", "请先在成员名单中登记",
        "the membership list does not name this department for its region", "have it listed first";
    /// No disclosure rule covers what was asked.
    NotDisclosed = "not_disclosed", PermissionDenied, Retry::Never,
        "没有对外提供规则允许向该部门按此用途提供所查内容", "请少问，或请被查省增订规则",
        "no disclosure rule lets this be told to this department for this purpose",
        "ask for less, or have the other province add a rule";
    /// The peer asks more often than the disclosure rule allows.
    RateExceeded = "rate_exceeded", ResourceExhausted, Retry::After(Duration::from_secs(60)),
        "超过对外提供规则规定的每分钟次数", "请稍后再问",
        "more questions a minute than the disclosure rule allows", "ask again later";
    /// The peer asked for too many unknown people.
    MissesExceeded = "misses_exceeded", ResourceExhausted, Retry::After(Duration::from_secs(3600)),
        "查无此人的次数超过规定，疑似枚举", "请联系被查省",
        "more questions about unknown people than allowed, which looks like enumeration", "call the other province";

    // Exchange streams and the log.
    /// The stream's first message is missing, repeated or out of place.
    OutOfOrder = "out_of_order", FailedPrecondition, Retry::Never,
        "交换流中的消息次序不对", "须先发 open，且只发一次",
        "a message came out of order on the exchange stream", "send open first, and once";
    /// The two facts clocks are more than a minute apart.
    ClockSkew = "clock_skew", FailedPrecondition, Retry::Never,
        "双方时钟相差超过 60 秒", "请校时",
        "the two clocks are more than 60 s apart", "set them right";
    /// The caller knows a larger log than there is.
    SizeAhead = "size_ahead", FailedPrecondition, Retry::Never,
        "对方已验证的日志比本节点现有的长：本节点可能是由旧备份恢复的", "请停用本节点并核查",
        "the caller verified a larger log than this node has, which happens after restoring an old backup",
        "stop this node and investigate";
    /// The log or the entry is not there.
    NotInLog = "not_in_log", NotFound, Retry::Never,
        "日志中没有该条目", "请核对日志名和序号",
        "the log has no such entry", "check the origin and the index";

    // Statements.
    /// The signed statement is not acceptable.
    StatementRefused = "statement_refused", InvalidArgument, Retry::Never,
        "签名的陈述未被接受", "请按提示所述原因改正后重新签署",
        "the signed statement was not accepted", "correct what the detail says and sign it again";
    /// The department may not state this.
    NotYoursToState = "not_yours_to_state", PermissionDenied, Retry::Never,
        "该部门无权作此陈述", "证书、签名和名单须是同一部门，且名单须允许该类陈述",
        "this department may not state this",
        "certificate, signature and listing must be of one department, and the list must allow the kind";
    /// The statement's time is too far from now.
    StatedAtOff = "stated_at_off", InvalidArgument, Retry::Never,
        "陈述时间与收到时间相差过大", "请校时后重新签署",
        "the statement's time is too far from the time of receipt", "check the clock and sign it again";
    /// Nobody who may assign the code stands behind it.
    UnfoundedAssigner = "unfounded_assigner", FailedPrecondition, Retry::Never,
        "红码或黄码没有有权的赋码部门：赋码部门须列入本省名单，且名单允许其以所称身份赋码；此次尝试已记入日志",
        "请由有权部门赋码",
        "the red or amber code has no assigner that may assign it: the list must name the assigner for this province and \
         allow it the stated role; the attempt is logged",
        "have an entitled department assign the code";
    /// The code has no listed reason.
    UnfoundedReason = "unfounded_reason", FailedPrecondition, Retry::Never,
        "红码或黄码没有词表所列的赋码事由；此次尝试已记入日志", "请写明法定事由",
        "the red or amber code has no reason that the vocabulary lists; the attempt is logged",
        "state the listed reason that applies";
    /// Nothing that holds stands behind the code.
    UnfoundedEvidence = "unfounded_evidence", FailedPrecondition, Retry::Never,
        "红码或黄码所引依据没有一项成立：须是另一部门就同一人所作、现行有效的依据陈述；此次尝试已记入日志",
        "请先由另一部门提交依据",
        "nothing that holds stands behind the red or amber code: it must refer to a statement of kind evidence about the \
         same person, by another department, that is the newest of its kind; the attempt is logged",
        "have another department state the evidence first";
    /// The caller made no such statement.
    StatementUnknown = "statement_unknown", NotFound, Retry::Never,
        "该部门没有就此人作过这一陈述", "请核对摘要和证件",
        "the calling department made no such statement about this person", "check the digest and the document";

    // Decisions.
    /// There is no such decision, or it is another department's.
    DecisionUnknown = "decision_unknown", NotFound, Retry::Never,
        "没有这一决定，或不是本部门作出的", "请按凭据核对日志名和序号，并用作出决定的部门的证书",
        "there is no such decision, or another department made it",
        "check log and index by the receipt, and use a certificate of the department that decided";
    /// The decision admits: nothing is left to a person.
    NotAReview = "not_a_review", FailedPrecondition, Retry::Never,
        "该决定是放行，无需人工处理", "请核对序号",
        "the decision admits and leaves nothing to a person", "check the index";
    /// A person resolved the review before.
    AlreadyResolved = "already_resolved", AlreadyExists, Retry::Never,
        "该决定已由人工处理，只能处理一次", "请查看决定说明中的处理结果",
        "a person resolved this review already, and it is done once", "ask for the decision's explanation";
    /// What opens the entry was erased.
    DetailsErased = "details_erased", FailedPrecondition, Retry::Never,
        "该条目的内容已按期删除，日志中只留证明", "请使用当时出具的凭据",
        "what opens this entry was erased in its time; the log holds the proof alone",
        "use the receipt that was given then";

    // The node's own state.
    /// Queues are full.
    Overloaded = "overloaded", ResourceExhausted, Retry::After(SHORT_WAIT),
        "节点繁忙", "请在所给时间之后再问",
        "the node is busy", "ask again after the delay given";
    /// `places.toml` or `risk-areas.toml` is not in order.
    RulesRejected = "rules_rejected", FailedPrecondition, Retry::Never,
        "场所清单或风险区清单有误，两者都没有更换", "请按提示改正后再重读",
        "places.toml or risk-areas.toml is not in order, and both stay as they were",
        "correct the file that the detail names and reload again";
    /// The overlay has errors.
    PolicyInvalid = "policy_invalid", InvalidArgument, Retry::Never,
        "省级规则文件有误，现行规则没有更换", "请用 huxin policy check 查看并改正，重新签名后再提交",
        "the overlay has errors, and what is in force stays",
        "see them with huxin policy check, correct the file, have it signed again and apply it";
    /// The overlay goes beyond what the baseline lets a province do.
    PolicyOverReach = "policy_over_reach", FailedPrecondition, Retry::Never,
        "省级规则超出国家基线准许的范围，整份文件不予采用，现行规则没有更换",
        "请用 huxin policy diff 逐条查看，改回准许的范围内",
        "the overlay goes beyond what the baseline lets a province do; the whole file is refused and what is in force \
         stays",
        "see each place with huxin policy diff and bring the file back within the baseline";
    /// The overlay is not signed by enough of those who must.
    PolicyNotSigned = "policy_not_signed", PermissionDenied, Retry::Never,
        "省级规则没有足够的有效签名", "请由成员名单所列的签名人用 huxin policy sign 签名，再用 huxin policy verify 核对",
        "the overlay is not validly signed by enough of those whom the membership list names",
        "have it signed with huxin policy sign and look at it with huxin policy verify";
    /// The version does not rise.
    PolicyVersion = "policy_version", FailedPrecondition, Retry::Never,
        "版本号没有高过曾经生效或待生效的最高版本", "请提高版本号并重新签名；恢复旧版本请用 huxin policy rollback",
        "the version is not higher than every version that was or is to be in force here",
        "raise it and have the file signed again; to go back to an old version use huxin policy rollback";
    /// The overlay's validity has ended.
    PolicyExpired = "policy_expired", FailedPrecondition, Retry::Never,
        "省级规则的有效期已过", "请改正 until 并重新签名",
        "the overlay's validity has ended", "correct until and have the file signed again";
    /// Another version is in force than the one that the operator means to leave.
    PolicyMoved = "policy_moved", FailedPrecondition, Retry::Never,
        "所指版本现在既不在执行，也不待生效：其间规则已被他人更换", "请用 huxin policy status 查看现状后再决定",
        "the version that was named is neither in force nor scheduled: somebody changed it meanwhile",
        "look with huxin policy status and decide again";
    /// The call took longer than it may.
    DeadlineExceeded = "deadline_exceeded", DeadlineExceeded, Retry::SameId,
        "请求在时限内没有完成", "请用同一请求号再试",
        "the call did not finish in time", "try again with the same id";
    /// The node is stopping.
    ShuttingDown = "shutting_down", Unavailable, Retry::After(SHORT_WAIT),
        "节点正在停止", "请改用其他地址，或稍后再问",
        "the node is stopping", "use another endpoint or ask again later";
    /// Something failed inside.
    Internal = "internal", Internal, Retry::SameId,
        "节点内部故障", "请用同一请求号再试，并把错误号告知运维人员",
        "the node failed inside", "try again with the same id and tell an operator the error id";
}
