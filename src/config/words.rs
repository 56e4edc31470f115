//! The small languages within the configuration: times, spans of hours, days, sizes, addresses.

use chrono::{NaiveDate, NaiveTime};

/// `17:00`
pub(super) fn time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| part.len() <= 2 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || minute.len() != 2 || !digits(minute) {
        return None;
    }
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}

/// `08:00-18:00`; the end may be `24:00`, which is the last instant of the day.
pub(super) fn hours(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = text.split_once('-')?;
    let from = time(from)?;
    let to =
        if to.trim() == "24:00" { NaiveTime::from_hms_nano_opt(23, 59, 59, 999_999_999)? } else { time(to)? };
    (from < to).then_some((from, to))
}

/// `2026-05-15`
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    // chrono also takes one-digit months; the file has one way to write a day.
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// `10 MiB`, in bytes.
pub(super) fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "kib" | "k" => 1024,
        "mb" | "mib" | "m" => 1024 * 1024,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// An address that mail can be sent to without quoting (RFC 5321 §4.1.2, dot-string), in lower case.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let atom = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    // RFC 5322 §3.2.3, atext.
    let local_good = local.len() <= 64 && local.split('.').all(|part| atom(part, "!#$%&'*+-/=?^_`{|}~"));
    let domain_good = domain.len() <= 255
        && domain.split('.').all(|part| atom(part, "-") && !part.starts_with('-') && !part.ends_with('-'));
    (local_good && domain_good).then(|| text.to_ascii_lowercase())
}

/// Is this machine meant?
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_may_be_the_whole_day() {
        let (from, to) = hours("00:00-24:00").unwrap();
        assert_eq!(from, NaiveTime::MIN);
        assert!(to > NaiveTime::from_hms_opt(23, 59, 59).unwrap());
        assert!(hours("8:00-18:00").is_some());
        for bad in ["18:00-08:00", "08:00", "25:00-26:00", "08.00-18.00", "08:00-8", ""] {
            assert_eq!(hours(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_day_must_exist() {
        assert!(day("2028-02-29").is_some());
        for bad in ["2026-02-29", "15-05-2026", "2026-5-1", "morgen", "2026-05-15T10:00"] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("10 MiB"), Some(10 * 1024 * 1024));
        assert_eq!(size("512kB"), Some(512 * 1024));
        assert_eq!(size("99999999999999999999 MiB"), None);
        assert_eq!(size("ten"), None);
    }

    #[test]
    fn an_address_is_one_mailbox_in_lower_case() {
        assert_eq!(address("Klacht@Ksyos.NL").as_deref(), Some("klacht@ksyos.nl"));
        for bad in
            ["", "klacht", "a@", "@b.nl", "a b@c.nl", "a@b@c.nl", "a..b@c.nl", "Jan <a@b.nl>", "a@b_c.nl"]
        {
            assert_eq!(address(bad), None, "{bad}");
        }
    }
}
