//! Why a province that was asked gave no verified answer: the words in `Asked.reason` and in the asker's log, beside
//! the stable reasons with which a peer itself refuses or declines.

use super::table::words;

words! {
    /// Why there is no verified answer. The names are stable.
    Unanswered;

    // Nothing came.
    /// The region is no member.
    NotMember = "region_not_member",
        "成员名单中没有该省", "请核对所报的省份，或更新成员名单",
        "the membership list does not name this region", "check the region given, or apply the next list";
    /// No endpoint could be reached.
    Unreachable = "unreachable",
        "该省节点的所有地址都连不上", "请检查网络和成员名单中的地址，或联系该省",
        "no endpoint of the province could be reached",
        "check the network and the endpoints in the membership list, or call the province";
    /// The stream ended before the answer came.
    StreamLost = "stream_lost",
        "交换流在答复到达前中断", "请再问一次；若反复出现请查看双方日志",
        "the exchange stream ended before the answer came", "ask again; if it recurs, read the logs of both sides";
    /// No answer came in time.
    Late = "deadline_exceeded",
        "时限内没有答复", "请再问一次",
        "no answer came in time", "ask again";
    /// Too many questions are in flight.
    Busy = "overloaded",
        "发往该省的待答问题过多", "请稍后再问",
        "too many questions to the province await their answers", "ask again later";
    /// The peer declined and gave no reason that has the form of one.
    Declined = "declined",
        "对方未受理，也没有给出合规的原因", "请联系该省，告知错误号",
        "the other node did not take the question and gave no well-formed reason",
        "call the province and name the error id";

    // What came proves nothing; the stream is closed.
    /// A message without content.
    EmptyMessage = "empty_message",
        "对方发来空消息", "请联系该省核查其节点",
        "the other node sent a message without content", "have the province check its node";
    /// `Opened` came a second time.
    OpenedTwice = "opened_twice",
        "对方重复发送 opened", "请联系该省核查其节点",
        "the other node sent opened twice", "have the province check its node";
    /// A report was confirmed that was never sent.
    NothingReported = "nothing_reported",
        "对方确认了从未发出的报告", "请联系该省核查其节点",
        "the other node confirmed a report that was never sent", "have the province check its node";
    /// A head names no log.
    HeadWithoutOrigin = "head_without_origin",
        "日志头没有写明日志名", "请联系该省核查其节点",
        "a log head names no log", "have the province check its node";
    /// A head's proof is no list of hashes.
    HeadProofMalformed = "head_proof_malformed",
        "日志头所附证明格式不对", "请联系该省核查其节点",
        "the proof beside a log head is malformed", "have the province check its node";
    /// The membership list does not name the log.
    HeadOfUnknownLog = "head_of_unknown_log",
        "成员名单中没有该日志", "请更新成员名单，或联系该省",
        "the membership list does not name the log", "apply the next list, or call the province";
    /// The log belongs to another province.
    HeadOfAnotherProvince = "head_of_another_province",
        "该日志属于另一省", "请勿采信，并联系该省核查",
        "the log belongs to another province", "believe nothing of it and have the province investigate";
    /// The log's listed key cannot be read.
    LogKeyUnreadable = "log_key_unreadable",
        "成员名单中的日志公钥无法读取", "请更正成员名单",
        "the log's key in the membership list cannot be read", "correct the membership list";
    /// The checkpoint is not signed by the log.
    HeadNotSignedByLog = "head_not_signed_by_log",
        "日志头没有该日志的有效签名", "请勿采信，并联系该省核查",
        "the log head does not bear a valid signature of its log",
        "believe nothing of it and have the province investigate";
    /// The log has become shorter.
    HeadSmallerThanKnown = "head_smaller_than_known",
        "日志比已验证过的短，可能由旧备份恢复", "请联系该省停用并核查",
        "the log is shorter than what was verified before, which happens after restoring an old backup",
        "have the province stop its node and investigate";
    /// The head is not proved to extend the one before.
    HeadDoesNotExtend = "head_does_not_extend",
        "不能证明日志是此前日志的延续", "请保留双方日志头，并联系该省核查",
        "the log is not proved to extend what was verified before",
        "keep both heads and have the province investigate";
    /// Two heads of one log contradict each other.
    LogForked = "log_forked",
        "同一日志出现两个互相矛盾的版本", "请保留两个日志头作为证据，并报告监管方",
        "two versions of one log contradict each other", "keep both heads as evidence and report to the supervisor";
    /// A reply came before any head.
    ReplyWithoutHead = "reply_without_head",
        "答复之前没有日志头", "请联系该省核查其节点",
        "a reply came before the log head that proves it", "have the province check its node";
    /// The reply names another head than the newest.
    ReplyOfAnotherHead = "reply_of_another_head",
        "答复所依据的不是最新的日志头", "请联系该省核查其节点",
        "the reply rests on another log head than the newest", "have the province check its node";
    /// The reply's time is none.
    ReplyTimeMalformed = "reply_time_malformed",
        "答复的时间格式不对", "请联系该省核查其节点",
        "the reply's time is malformed", "have the province check its node";
    /// The reply's time is too far from now.
    ReplyTimeOff = "reply_time_off",
        "答复时间与本机时间相差超过 60 秒", "请双方校时",
        "the reply's time is more than 60 s from now", "set both clocks right";
    /// The body is no answer.
    AnswerMalformed = "answer_malformed",
        "答复正文无法解读", "请联系该省核查其节点",
        "the body of the reply is no answer", "have the province check its node";
    /// The answer is to another question.
    AnswerToAnotherQuestion = "answer_to_another_question",
        "答复对应的是另一个问题", "请勿采信，并联系该省核查",
        "the answer belongs to another question", "believe nothing of it and have the province investigate";
    /// The answer is for another province.
    AnswerForAnotherProvince = "answer_for_another_province",
        "答复是给另一省的", "请勿采信，并联系该省核查",
        "the answer is for another province", "believe nothing of it and have the province investigate";
    /// The answer names another answerer.
    AnswerFromAnotherProvince = "answer_from_another_province",
        "答复写明的答复方是另一省", "请勿采信，并联系该省核查",
        "the answer names another province as its author", "believe nothing of it and have the province investigate";
    /// Outcome, reason and statements do not fit together.
    AnswerInconsistent = "answer_inconsistent",
        "答复的结论、原因和陈述互相矛盾", "请联系该省核查其节点",
        "outcome, reason and statements of the answer do not fit together", "have the province check its node";
    /// More statements than an answer may hold.
    AnswerTooLong = "answer_too_long",
        "答复所含陈述超过上限", "请联系该省核查其节点",
        "the answer holds more statements than it may", "have the province check its node";
    /// The answer's time is none.
    AnswerTimeMalformed = "answer_time_malformed",
        "查询登记库的时间格式不对", "请联系该省核查其节点",
        "the time at which the registry was read is malformed", "have the province check its node";
    /// The registry was read too long ago or in the future.
    AnswerTimeOff = "answer_time_off",
        "查询登记库的时间与本机时间相差超过 60 秒", "请双方校时",
        "the time at which the registry was read is more than 60 s from now", "set both clocks right";
    /// The public half cannot be read.
    PublicMalformed = "public_malformed",
        "日志条目的公开部分无法解读", "请联系该省核查其节点",
        "the public half of the log entry cannot be read", "have the province check its node";
    /// The public half says something else than question and body.
    PublicDisagrees = "public_disagrees",
        "日志条目的公开部分与问题或答复不符", "请勿采信，并联系该省核查",
        "the public half of the log entry disagrees with question or answer",
        "believe nothing of it and have the province investigate";
    /// A salt has not 16 bytes.
    SaltMalformed = "salt_malformed",
        "盐值不是 16 字节", "请联系该省核查其节点",
        "a salt has not 16 bytes", "have the province check its node";
    /// The inclusion path is no list of hashes.
    PathMalformed = "path_malformed",
        "日志路径格式不对", "请联系该省核查其节点",
        "the inclusion path is malformed", "have the province check its node";
    /// The entry is not in the log that was shown.
    NotInLog = "not_in_log",
        "不能证明答复已记入日志", "请勿采信，并联系该省核查",
        "the answer is not proved to stand in the log", "believe nothing of it and have the province investigate";
    /// Two streams were joined that nobody asked to join.
    JoinedUnasked = "joined_unasked",
        "对方答复了未提出的日志连接问题", "请联系该省核查其节点",
        "the other node joined heads without being asked", "have the province check its node";
    /// Other heads were joined than those asked about.
    JoinedOfAnotherQuestion = "joined_of_another_question",
        "对方连接的不是所问的两个日志头", "请联系该省核查其节点",
        "the other node joined other heads than those asked about", "have the province check its node";
    /// The proof that joins two heads is no list of hashes.
    JoinedProofMalformed = "joined_proof_malformed",
        "连接两个日志头的证明格式不对", "请联系该省核查其节点",
        "the proof that joins two heads is malformed", "have the province check its node";
    /// What the peer says that it judges by is malformed.
    InForceMalformed = "in_force_malformed",
        "对方所报的现行政策文件格式不对", "请联系该省核查其节点",
        "what the other node says that it judges by is malformed", "have the province check its node";
    /// Two streams show logs that do not belong together.
    StreamsDoNotJoin = "streams_do_not_join",
        "两条流上看到的日志不能连成一个日志", "请保留两个日志头作为证据，并报告监管方",
        "the logs shown on two streams are not one log", "keep both heads as evidence and report to the supervisor";
}
