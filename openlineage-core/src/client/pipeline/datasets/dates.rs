//! What counts as a date in the name of a folder.

/// Is this the segment of a path that is a day, perhaps with a time: `2025-07-22`, `22.07.2025`, `20250722T0901Z`?
pub(super) fn is_day(segment: &str) -> bool {
    let is_part = |char: char| char.is_ascii_digit() || char.is_whitespace() || "TZ:.-".contains(char);
    segment.chars().all(is_part)
        && (found(segment, "dddd-dd-dd").any(|text| is_date(&text[..4], &text[5..7], &text[8..]))
            || found(segment, "dd.dd.dddd").any(|text| is_date(&text[6..], &text[3..5], &text[..2]))
            || found(segment, "dddddddd").any(|text| is_date(&text[..4], &text[4..6], &text[6..])))
}

/// Is this a month: `202507`, `2025-07`?
pub(super) fn is_month(segment: &str) -> bool {
    match segment.len() {
        6 if has_shape(segment.as_bytes(), "dddddd") => is_date(&segment[..4], &segment[4..], "1"),
        7 if has_shape(segment.as_bytes(), "dddd-dd") => is_date(&segment[..4], &segment[5..], "1"),
        _ => false,
    }
}

/// Is there such a day? A year has four digits; month and day have one or two.
pub(super) fn is_date(year: &str, month: &str, day: &str) -> bool {
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let is_number = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten().filter(|number| *number > 0)
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4..=4), number(month, 1..=2), number(day, 1..=2)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    day <= match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Every part of `segment` that has the shape, from left to right and none within another.
fn found<'a>(segment: &'a str, shape: &'static str) -> impl Iterator<Item = &'a str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(part) = segment.as_bytes().get(at..at + shape.len()) {
            if has_shape(part, shape) {
                at += shape.len();
                return segment.get(at - shape.len()..at);
            }
            at += 1;
        }
        None
    })
}

/// A `d` of the shape is a digit, anything else itself.
fn has_shape(text: &[u8], shape: &str) -> bool {
    text.len() == shape.len()
        && text.iter().zip(shape.bytes()).all(|(byte, of)| if of == b'd' { byte.is_ascii_digit() } else { *byte == of })
}
