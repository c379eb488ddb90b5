//! What the TOML reader says, in Chinese: it speaks English only; and marks of a Chinese keyboard, which it does not know.

use crate::diagnostics::Span;
use crate::lang::Phrase;

/// What the reader may say, without what it expected, and the same in Chinese.
const KNOWN: &[(&str, &str)] = &[
    ("string values must be quoted", "文字要写在双引号里"),
    ("missing opening quote", "缺少开头的引号"),
    ("invalid basic string", "双引号文字没有写完，或含有不能用的字符"),
    ("invalid literal string", "单引号文字没有写完，或含有不能用的字符"),
    ("invalid multi-line basic string", "三个双引号的多行文字没有写完，或含有不能用的字符"),
    ("invalid multi-line literal string", "三个单引号的多行文字没有写完，或含有不能用的字符"),
    ("missing escaped value", "反斜杠后面的转义写法不对"),
    ("too few unicode value digits", "\\u 后面的十六进制数字不够"),
    ("invalid value", "这不是一个值"),
    ("missing value", "等号后面没有值"),
    ("missing value for key", "等号后面没有值"),
    ("key with no value", "只有键，没有“=”和值"),
    ("invalid key-value pair", "一行要写成 键 = 值"),
    ("extra `=`", "多了一个“=”"),
    ("unexpected `=` in array", "方括号列表里不能写“=”"),
    ("extra assignment between key-value pairs", "多了一个“=”"),
    ("missing assignment between key-value pairs", "键后面缺少“=”"),
    ("missing comma between key-value pairs", "两项之间缺少逗号"),
    ("missing comma between array elements", "列表的两项之间缺少逗号"),
    ("extra comma in inline table", "多了一个逗号"),
    ("extra comma in array", "多了一个逗号"),
    ("missing key for inline table element", "花括号里缺少键"),
    ("invalid inline table element", "花括号里要写成 键 = 值"),
    ("missing inline table opening", "缺少“{”"),
    ("unclosed inline table", "花括号没有合上，缺少“}”"),
    ("missing array opening", "缺少“[”"),
    ("unclosed array", "方括号列表没有合上，缺少“]”"),
    ("missing table open", "缺少“[”"),
    ("unclosed table", "表头没有合上，缺少“]”"),
    ("unclosed array table", "表头没有合上，缺少“]]”"),
    ("unexpected key or value", "这里不能写键或值；另起一行"),
    ("unexpected content", "这里多写了内容"),
    ("unexpected content between comment and newline", "注释后面多写了内容"),
    ("invalid comment character", "注释里有不能用的字符"),
    ("missing comment start", "注释要以 # 开头"),
    ("carriage return must be followed by newline", "单独的回车符不能换行"),
    ("unquoted keys cannot be empty", "键不能为空"),
    ("invalid unquoted key", "不加引号的键只能用字母、数字、“-”和“_”；中文的键要加双引号"),
    ("keys cannot be multi-line literal strings", "键不能写成多行文字"),
    ("keys cannot be multi-line basic strings", "键不能写成多行文字"),
    ("invalid integer number", "不是整数"),
    ("invalid hexadecimal number", "不是十六进制数"),
    ("invalid octal number", "不是八进制数"),
    ("invalid binary number", "不是二进制数"),
    ("invalid float", "不是小数"),
    ("invalid mantissa", "不是小数"),
    ("invalid fraction", "不是小数"),
    ("invalid exponent", "不是小数"),
    ("invalid boolean", "只能写 true 或 false"),
    ("invalid date-time", "时间的写法不对，例如 2022-07-01T00:00:00+08:00"),
    ("invalid datetime", "时间的写法不对，例如 2022-07-01T00:00:00+08:00"),
    ("invalid date", "日期的写法不对，例如 2022-07-01"),
    ("invalid time", "时刻的写法不对，例如 00:00:00"),
    ("invalid offset", "时区的写法不对，例如 +08:00"),
    ("unexpected leading zero", "整数不能以 0 开头"),
    ("unexpected sign", "这里不能写正负号"),
    ("redundant numeric sign", "正负号只写一个"),
    ("integers with a radix cannot be signed", "带进制的整数不能写正负号"),
    ("redundant integer number prefix", "进制前缀只写一个"),
    ("radix must be lowercase", "进制前缀要小写"),
    ("`_` may only go between digits", "“_”只能写在数字之间"),
    ("cannot recurse further; max recursion depth met", "嵌套太深"),
    ("recursion limit", "嵌套太深"),
    ("cannot extend value of type array with a dotted key", "这个键已经是列表，不能再写下级"),
    ("cannot extend value of type inline table with a dotted key", "这个键已经用花括号写完，不能再写下级"),
];

/// The reader's message in both languages. What this table does not know is told in Chinese as a place to look at.
pub(super) fn phrase(message: &str) -> Phrase {
    let (said, _) = message.split_once(", expected ").unwrap_or((message, ""));
    let known = KNOWN.iter().find(|(en, _)| *en == said).map(|(_, zh)| *zh);
    Phrase::both(known.unwrap_or("这里读不懂"), message)
}

/// Full-width marks, and what they are typed for.
const FULL_WIDTH: [(char, char); 17] = [
    ('“', '"'),
    ('”', '"'),
    ('＂', '"'),
    ('‘', '\''),
    ('’', '\''),
    ('＝', '='),
    ('，', ','),
    ('、', ','),
    ('［', '['),
    ('】', ']'),
    ('【', '['),
    ('］', ']'),
    ('｛', '{'),
    ('｝', '}'),
    ('＃', '#'),
    ('．', '.'),
    ('\u{3000}', ' '),
];

/// The first full-width mark on the line of an error, unless it stands in quotes or in a comment: most likely it is what
/// is wrong with the line.
pub(super) fn full_width(text: &str, error: Span) -> Option<(Span, Phrase)> {
    let start = text.get(..error.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next()?;
    let mut quote = None;
    let mut escaped = false;
    // In quotes that nothing closes a mark was typed to close them.
    let mut in_quotes = None;
    for (at, character) in line.char_indices() {
        let found = FULL_WIDTH
            .iter()
            .find(|(mark, _)| *mark == character)
            .map(|(_, wanted)| (at, character, *wanted));
        match (quote, character) {
            (Some(open), _) if character == open && !escaped => (quote, in_quotes) = (None, None),
            (Some(open), _) => {
                escaped = open == '"' && character == '\\' && !escaped;
                in_quotes = in_quotes.or(found.filter(|(.., wanted)| *wanted == open));
            }
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') => return None,
            (None, _) if found.is_some() => return found.map(|found| told(start, found)),
            (None, _) => {}
        }
    }
    in_quotes.map(|found| told(start, found))
}

fn told(line_start: usize, (at, mark, wanted): (usize, char, char)) -> (Span, Phrase) {
    let start = line_start + at;
    let phrase = Phrase::both(
        format!("全角的“{mark}”要写成半角的“{wanted}”"),
        format!("the full-width `{mark}` stands where `{wanted}` belongs"),
    );
    (Span { start, end: start + mark.len_utf8() }, phrase)
}
