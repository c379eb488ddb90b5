//! Regions: GB/T 2260 codes of provinces, and the areas below them.

use std::fmt;
use std::str::FromStr;

/// A province-level region of GB/T 2260, or an exercise region (90–99, fictional).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionCode(u8);

/// Text or number that names no region or area.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegionError {
    /// Not two digits of GB/T 2260.
    #[error("not a province-level region code of GB/T 2260; two digits such as 42, or 90–99 for exercises")]
    Region,
    /// Not an area code of six digits.
    #[error("not an area code: six digits that begin with a region code")]
    Area,
    /// Not an area prefix.
    #[error("not an area prefix: two, four or six digits that begin with a region code")]
    Prefix,
}

/// Code, Chinese name, English name. 66 (新疆生产建设兵团) is common usage, unverified against GB/T 2260.
const REGIONS: [(u8, &str, &str); 35] = [
    (11, "北京", "Beijing"),
    (12, "天津", "Tianjin"),
    (13, "河北", "Hebei"),
    (14, "山西", "Shanxi"),
    (15, "内蒙古", "Inner Mongolia"),
    (21, "辽宁", "Liaoning"),
    (22, "吉林", "Jilin"),
    (23, "黑龙江", "Heilongjiang"),
    (31, "上海", "Shanghai"),
    (32, "江苏", "Jiangsu"),
    (33, "浙江", "Zhejiang"),
    (34, "安徽", "Anhui"),
    (35, "福建", "Fujian"),
    (36, "江西", "Jiangxi"),
    (37, "山东", "Shandong"),
    (41, "河南", "Henan"),
    (42, "湖北", "Hubei"),
    (43, "湖南", "Hunan"),
    (44, "广东", "Guangdong"),
    (45, "广西", "Guangxi"),
    (46, "海南", "Hainan"),
    (50, "重庆", "Chongqing"),
    (51, "四川", "Sichuan"),
    (52, "贵州", "Guizhou"),
    (53, "云南", "Yunnan"),
    (54, "西藏", "Tibet"),
    (61, "陕西", "Shaanxi"),
    (62, "甘肃", "Gansu"),
    (63, "青海", "Qinghai"),
    (64, "宁夏", "Ningxia"),
    (65, "新疆", "Xinjiang"),
    (66, "兵团", "Xinjiang Production and Construction Corps"),
    (71, "台湾", "Taiwan"),
    (81, "香港", "Hong Kong"),
    (82, "澳门", "Macao"),
];

impl RegionCode {
    /// The region with this number.
    ///
    /// # Errors
    /// If GB/T 2260 has no such province-level region and it is not 90–99.
    pub fn new(code: u8) -> Result<Self, RegionError> {
        let listed = (90..=99).contains(&code) || REGIONS.iter().any(|(known, ..)| *known == code);
        if listed { Ok(Self(code)) } else { Err(RegionError::Region) }
    }

    /// The number, 11–99.
    pub const fn as_u8(self) -> u8 {
        self.0
    }

    /// Is this a fictional region for exercises?
    pub const fn is_exercise(self) -> bool {
        self.0 >= 90
    }

    /// Every region of GB/T 2260, without the exercise regions.
    pub fn all() -> impl Iterator<Item = Self> {
        REGIONS.iter().map(|(code, ..)| Self(*code))
    }

    /// The short Chinese name; 演练 (exercise) for 90–99.
    pub fn name_zh(self) -> &'static str {
        self.row().map_or("演练", |(_, zh, _)| zh)
    }

    /// The English name; Exercise for 90–99.
    pub fn name_en(self) -> &'static str {
        self.row().map_or("Exercise", |(.., en)| en)
    }

    fn row(self) -> Option<(u8, &'static str, &'static str)> {
        REGIONS.iter().copied().find(|(code, ..)| *code == self.0)
    }
}

impl FromStr for RegionCode {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(RegionError::Region);
        }
        text.parse().map_err(|_| RegionError::Region).and_then(Self::new)
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl fmt::Debug for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegionCode({self})")
    }
}

/// A county-level area: six digits of GB/T 2260. Abolished codes stay valid, so only the region is checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaCode(u32);

impl AreaCode {
    /// The region that the area lies in.
    pub fn region(self) -> RegionCode {
        RegionCode(u8::try_from(self.0 / 10_000).unwrap_or_default())
    }

    /// The six digits as a number.
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

impl FromStr for AreaCode {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<AreaPrefix>() {
            Ok(AreaPrefix { digits: 6, value }) => Ok(Self(value)),
            _ => Err(RegionError::Area),
        }
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaCode({self})")
    }
}

/// The beginning of area codes: a region (2 digits), a prefecture (4) or a county (6).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaPrefix {
    value: u32,
    digits: u8,
}

impl AreaPrefix {
    /// Does `area` begin with this prefix?
    pub const fn covers(self, area: AreaCode) -> bool {
        area.0 / 10_u32.pow(6 - self.digits as u32) == self.value
    }

    /// Does every area of `other` begin with this prefix?
    pub const fn contains(self, other: Self) -> bool {
        self.digits <= other.digits
            && other.value / 10_u32.pow((other.digits - self.digits) as u32) == self.value
    }

    /// How many digits: 2, 4 or 6.
    pub const fn digits(self) -> u8 {
        self.digits
    }

    /// The region that all areas with this prefix lie in.
    pub fn region(self) -> RegionCode {
        let region = self.value / 10_u32.pow(u32::from(self.digits) - 2);
        RegionCode(u8::try_from(region).unwrap_or_default())
    }
}

impl FromStr for AreaPrefix {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = match text.len() {
            2 => 2,
            4 => 4,
            6 => 6,
            _ => return Err(RegionError::Prefix),
        };
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(RegionError::Prefix);
        }
        let value: u32 = text.parse().map_err(|_| RegionError::Prefix)?;
        let region = value / 10_u32.pow(u32::from(digits) - 2);
        u8::try_from(region)
            .map_err(|_| RegionError::Prefix)
            .and_then(|code| RegionCode::new(code).map_err(|_| RegionError::Prefix))?;
        Ok(Self { value, digits })
    }
}

impl From<RegionCode> for AreaPrefix {
    fn from(region: RegionCode) -> Self {
        Self { value: region.0.into(), digits: 2 }
    }
}

impl From<AreaCode> for AreaPrefix {
    fn from(area: AreaCode) -> Self {
        Self { value: area.0, digits: 6 }
    }
}

impl fmt::Display for AreaPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.value, width = usize::from(self.digits))
    }
}

impl fmt::Debug for AreaPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaPrefix({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_and_exercise_regions_are_read() {
        assert_eq!("42".parse::<RegionCode>().unwrap().name_zh(), "湖北");
        assert!("91".parse::<RegionCode>().unwrap().is_exercise());
        for bad in ["", "4", "042", "00", "16", "+4", "４２", "89"] {
            assert_eq!(bad.parse::<RegionCode>(), Err(RegionError::Region), "{bad}");
        }
        assert_eq!(RegionCode::all().count(), 35);
    }

    #[test]
    fn an_area_lies_in_its_region_and_under_its_prefixes() {
        let area: AreaCode = "440106".parse().unwrap();
        assert_eq!(area.region().to_string(), "44");
        for (prefix, covers) in
            [("44", true), ("4401", true), ("440106", true), ("4403", false), ("42", false)]
        {
            assert_eq!(prefix.parse::<AreaPrefix>().unwrap().covers(area), covers, "{prefix}");
        }
        assert!("4401".parse::<AreaPrefix>().unwrap().contains("440106".parse().unwrap()));
        assert!(!"440106".parse::<AreaPrefix>().unwrap().contains("4401".parse().unwrap()));
        for bad in ["4401", "44010", "4401066", "160101", "44010x"] {
            assert_eq!(bad.parse::<AreaCode>(), Err(RegionError::Area), "{bad}");
        }
    }
}
