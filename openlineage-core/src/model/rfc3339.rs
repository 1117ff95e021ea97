//! Reading and writing of times as RFC 3339 has them, in the proleptic Gregorian calendar.

const SECOND: i128 = 1_000_000_000;
const DAY: i64 = 86_400;
/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z, in microseconds.
const RANGE: (i64, i64) = (-62_167_219_200_000_000, 253_402_300_799_999_999);

/// Nanoseconds of the date and time as if it were UTC, and of the offset where there is one.
pub(crate) fn parse(text: &str) -> Option<(i128, Option<i128>)> {
    let mut left = Reader(text.as_bytes());
    let (year, month, day) = (left.digits(4)?, left.after(b"-")?, left.after(b"-")?);
    left.one_of(b"Tt")?;
    let (hour, minute, second) = (left.digits(2)?, left.after(b":")?, left.after(b":")?);
    let fraction = left.fraction()?;
    let offset = left.offset()?;
    let in_range =
        (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day) && hour < 24 && minute < 60;
    if !left.0.is_empty() || !in_range {
        return None;
    }
    let whole = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    // A leap second is put in before midnight of UTC, wherever the clock on the wall stands then.
    let leap = second == 60 && (whole - offset.unwrap_or(0)) % DAY == 0;
    (second < 60 || leap)
        .then(|| (i128::from(whole) * SECOND + i128::from(fraction), offset.map(|offset| i128::from(offset) * SECOND)))
}

/// `2024-05-01T12:00:00.123456Z`, with times outside the years 0000 to 9999 moved to the nearest one inside.
pub(crate) fn from_unix_micros(micros: i64) -> String {
    let micros = micros.clamp(RANGE.0, RANGE.1);
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    let fields = [(0, 4, year), (5, 2, month), (8, 2, day), (11, 2, second / 3600), (14, 2, second / 60 % 60)];
    for (start, width, mut value) in fields.into_iter().chain([(17, 2, second % 60), (20, 6, fraction)]) {
        for digit in text[start..start + width].iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
        }
    }
    text.iter().copied().map(char::from).collect()
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        set.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (field, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        field.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
    }

    fn after(&mut self, separator: &[u8]) -> Option<i64> {
        self.one_of(separator)?;
        self.digits(2)
    }

    fn fraction(&mut self) -> Option<i64> {
        if self.one_of(b".").is_none() {
            return Some(0);
        }
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (field, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let nanos =
            (0..9).fold(0, |nanos, place| nanos * 10 + field.get(place).map_or(0, |byte| i64::from(byte - b'0')));
        (count > 0).then_some(nanos)
    }

    /// Seconds east of UTC; `None` inside where the text ends without an offset.
    fn offset(&mut self) -> Option<Option<i64>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(Some(0)),
        };
        let (hours, minutes) = (self.digits(2)?, self.after(b":")?);
        (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Years run from March here, so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day; the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1)
}
