//! What is wrong with the program itself.

use super::super::Trouble;
use super::Office;

#[tokio::test]
async fn people_hear_of_a_trouble_once_for_each_episode_also_across_restarts() {
    let mut office = Office::new();
    let klacht = || Trouble::Mailbox("klacht".to_owned());
    assert!(office.desk().trouble(klacht(), "login refused").await.unwrap());
    assert!(!office.desk().trouble(klacht(), "login refused").await.unwrap());
    office.restart();
    assert!(!office.desk().trouble(klacht(), "still").await.unwrap());
    let told = office.outgoing().await;
    let both = ["coordinator@ksyos.example", "beheer@ksyos.example"];
    assert_eq!(told, both.map(|to| ("mailbox".to_owned(), to.to_owned())));
    office.desk().mended(klacht()).await.unwrap();
    assert!(office.desk().trouble(klacht(), "again").await.unwrap());
    assert_eq!(office.outgoing().await.len(), 4);
}

#[tokio::test]
async fn troubles_of_the_rules_are_for_the_admins() {
    let office = Office::new();
    assert!(office.desk().trouble(Trouble::Rules, "rules/x.toml:3:1: unknown key").await.unwrap());
    assert_eq!(office.outgoing().await, [("rules".to_owned(), "beheer@ksyos.example".to_owned())]);
}

#[tokio::test]
async fn each_faulty_set_of_rules_is_told_once_until_rules_are_in_force_again() {
    let office = Office::new();
    let told = async |faults: &str| office.desk().trouble(Trouble::Rules, faults).await.unwrap();
    assert!(told("a").await && told("b").await, "two mistakes are two mails");
    assert!(!told("a").await && !told("b").await, "the same mistake saved again is none");
    office.desk().mended(Trouble::Rules).await.unwrap();
    assert!(told("a").await, "a mistake after the rules were good is a new one");
}
