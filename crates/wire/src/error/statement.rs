//! Why a signed statement is not authentic: the words in the detail of `statement_refused` and in the asker's log.
//!
//! The names are those of [`VerifyError::reason`]; here is what people are told.

use huxin_attest::{ClaimsError, EnvelopeError, VerifyError};

use super::Words;

macro_rules! statement_words {
    ($($pattern:pat => $example:expr,
        $meaning_zh:literal, $todo_zh:literal, $meaning_en:literal, $todo_en:literal;)*) => {
        /// One error of each kind: the table's rows.
        pub const STATEMENT_ERRORS: &[VerifyError] = &[$($example,)*];

        /// What it means that a statement is not authentic, and what to do. A new kind of error breaks the build here.
        pub const fn statement_words(error: &VerifyError) -> Words {
            let name = error.reason();
            match error {
                $($pattern => Words {
                    name,
                    meaning_zh: $meaning_zh,
                    todo_zh: $todo_zh,
                    meaning_en: $meaning_en,
                    todo_en: $todo_en,
                },)*
            }
        }
    };
}

statement_words! {
    VerifyError::Envelope(_) => VerifyError::Envelope(EnvelopeError::Malformed),
        "字节不是格式规定的签名陈述", "请按 attestation.cddl 以确定性编码重新生成",
        "the bytes are no signed statement of the format", "encode it again, deterministically, by attestation.cddl";
    VerifyError::Claims(_) => VerifyError::Claims(ClaimsError::Malformed),
        "陈述内容缺项、多项或取值不合规定", "请按 attestation.cddl 改正后重新签署",
        "the claims lack something, hold too much or have a value outside its bounds",
        "correct them by attestation.cddl and sign again";
    VerifyError::UnknownKey => VerifyError::UnknownKey,
        "成员名单中该省没有这把签名公钥", "请将公钥列入成员名单，或改用已列入的密钥",
        "the membership list gives the region no such key", "have the key listed, or sign with a listed one";
    VerifyError::KeyNotValid => VerifyError::KeyNotValid,
        "陈述日期不在签名密钥的有效期内", "请改用现行密钥，或更正陈述时间",
        "the statement is dated outside the validity of its key", "sign with the current key, or correct the date";
    VerifyError::WrongDepartment => VerifyError::WrongDepartment,
        "陈述写明的部门不是密钥所属部门", "请由陈述所写的部门用自己的密钥签署",
        "the claims name another department than the key's owner",
        "have the department that the claims name sign with its own key";
    VerifyError::WrongRegion => VerifyError::WrongRegion,
        "一手陈述写明的省份不是签署方所在省", "请由该省陈述，或如实标明为转述",
        "the claims are first-hand but name another region than the signer's",
        "have that region state it, or mark it as heard";
    VerifyError::WrongSubject => VerifyError::WrongSubject,
        "陈述不是关于此人的，或盐值不对", "请核对证件和随陈述保存的盐值",
        "the statement is not about this person, or the salt is not its own",
        "check the document and the salt that was kept with the statement";
    VerifyError::Path => VerifyError::Path,
        "批量路径与陈述在批中的位置不符", "请重新生成该批",
        "the batch path does not fit the statement's place", "make the batch again";
    VerifyError::Signature => VerifyError::Signature,
        "签名与陈述或所属批不符", "请重新签署；若来自外省，请勿采信并联系该省",
        "the signature does not match the statement or its batch",
        "sign again; if it came from another province, believe nothing of it and call that province";
}
