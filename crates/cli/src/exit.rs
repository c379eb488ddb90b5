//! How a command ends: one table of exit codes, and the error that carries one of them.

use crate::findings::Finding;
use crate::messages::Text;

macro_rules! exits {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $zh:literal, $en:literal;)*) => {
        /// How a command ends. The codes are stable: scripts may depend on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Exit { $($(#[$doc])* $variant = $code,)* }

        impl Exit {
            /// All exit codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// What it means, in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            /// What it means, in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }
        }
    };
}

exits! {
    /// Everything is as it should be.
    Clean = 0, "正常", "clean";
    /// A test failed, or something is not what it claims to be.
    Finding = 1, "有发现：测试未通过，或验证不成立", "finding: a test failed, or a verification did not hold";
    /// A file that was handed in is not what it should be.
    Invalid = 2, "文件无效", "a file is invalid";
    /// A policy reaches beyond what the baseline allows.
    OverReach = 3, "越权：省级规则超出国家基线的许可", "over-reach: an overlay goes beyond what the baseline grants";
    /// Files, network, keys or clock did not allow it.
    Environment = 4, "环境问题：读写、网络、签名或时钟", "environment: input or output, network, signature, clock";
    /// The command line is wrong.
    Usage = 64, "命令行有误", "the command line is wrong";
}

/// Why a command did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliError {
    /// How the process ends.
    pub exit: Exit,
    /// What people read.
    pub message: Text,
    /// What is wrong with a file, for machines; the message says the same.
    pub findings: Vec<Finding>,
}

impl CliError {
    /// An error that ends the process with `exit`.
    pub fn new(exit: Exit, message: impl Into<Text>) -> Self {
        Self { exit, message: message.into(), findings: Vec::new() }
    }

    /// The same, with what is wrong for machines.
    pub fn with(self, findings: Vec<Finding>) -> Self {
        Self { findings, ..self }
    }

    /// Files, network, keys or clock did not allow it.
    pub fn environment(message: impl Into<Text>) -> Self {
        Self::new(Exit::Environment, message)
    }

    /// A file that was handed in is not what it should be.
    pub fn invalid(message: impl Into<Text>) -> Self {
        Self::new(Exit::Invalid, message)
    }

    /// The command line is wrong in a way that its parser cannot see.
    pub fn usage(message: impl Into<Text>) -> Self {
        Self::new(Exit::Usage, message)
    }
}

impl std::fmt::Display for CliError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message.en)
    }
}

impl std::error::Error for CliError {}
