use super::*;

fn all() -> Trimmers {
    Trimmers::new(&[], &[])
}

fn left(name: &str) -> &str {
    all().trim(name).unwrap_or(name)
}

#[test]
fn the_last_parts_are_cut_as_long_as_they_name_a_part_of_the_dataset() {
    for (name, whole) in [
        ("/data/orders/day=2025-07-22", "/data/orders"),
        ("/data/orders/country=PL/day=2025-07-22/", "/data/orders"),
        ("/data/orders/20250722", "/data/orders"),
        ("/data/orders/20250722T0901Z", "/data/orders"),
        ("/data/orders/2025-07-22T09:01:00.000Z", "/data/orders"),
        ("/data/orders/22.07.2025", "/data/orders"),
        ("/data/orders/2025/07/22", "/data/orders"),
        ("/data/orders/2025/7", "/data/orders"),
        ("/data/orders/202507", "/data/orders"),
        ("/data/orders/2025-07", "/data/orders"),
        ("/data/orders/2025/07/22/hour=3", "/data/orders"),
        ("orders/2024/02/29", "orders"),
    ] {
        assert_eq!(left(name), whole);
    }
}

#[test]
fn what_names_no_part_stays() {
    for name in [
        "",
        "/",
        "orders",
        "shop.public.orders",
        "/20250722",
        "day=1",
        "/day=1",
        "/data/orders/a=b=c",
        "/data/20251301",
        "/data/2025-02-29",
        "/data/run20250722",
        "/data/202513",
        "/data/2025-7",
        "/data/0000/07/22",
        "/data/12345678901",
        "/2025/07",
        "/data/orders/",
        "/data/20250722äö",
    ] {
        assert_eq!(all().trim(name), None, "{name}");
    }
}

#[test]
fn a_name_with_too_many_parts_stays_whole() {
    let deep = |parts: usize| format!("/data{}", "/k=v".repeat(parts));
    assert_eq!(left(&deep(15)), "/data");
    assert_eq!(all().trim(&deep(16)), None);
}

#[test]
fn a_trimmer_can_be_switched_off_by_the_name_of_its_class() {
    let name = "openlineage.client.dataset.trimmers.KeyValueTrimmer";
    for name in [name, "KeyValueTrimmer"] {
        let trimmers = Trimmers::new(&[name.to_owned()], &["acme.Trimmer".to_owned()]);
        assert_eq!(trimmers.trim("/data/orders/day=1"), None);
        assert_eq!(trimmers.trim("/data/orders/20250722"), Some("/data/orders"));
    }
}
