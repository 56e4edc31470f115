//! Pages in, the text that a person would read out.

use proptest::prelude::*;

use super::*;

fn text(html: &str) -> String {
    lay_out(html, 10_000).text
}

#[test]
fn blocks_become_lines_and_breaks_too() {
    assert_eq!(text("<div>a</div><div><br></div><div>b<br>c</div>"), "a\n\nb\nc\n");
    assert_eq!(text("<p>a</p><p>b</p>"), "a\n\nb\n");
    assert_eq!(
        text("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>")
            .replace('\u{a0}', ""),
        "a\n\nb\n"
    );
}

#[test]
fn cells_are_kept_apart() {
    let table = "<table><tr><td><p>Naam</p></td><td><p>Jan de Vries</p></td></tr><tr><td>Telefoon</td><td></td></tr><tr><td>Postcode</td><td>1234 AB</td></tr></table>";
    assert_eq!(text(table), "Naam\tJan de Vries\nTelefoon\t\nPostcode\t1234 AB\n");
}

#[test]
fn a_bold_label_is_set_off_from_what_is_stated() {
    let html = "<p><b>Naam</b> Jan de Vries | <strong>Tel</strong> 06 12</p><p>Ik ben <b>boos</b> op u.</p>";
    assert_eq!(text(html), "Naam  Jan de Vries | Tel  06 12\n\nIk ben boos op u.\n");
}

#[test]
fn quotes_are_marked() {
    let html = "<div>Ja.</div><div class=gmail_quote><div class=gmail_attr>Op ma schreef X &lt;x@y.nl&gt;:<br></div><blockquote class=gmail_quote>Hallo<br>daar<blockquote>dieper</blockquote></blockquote></div><div>Na</div>";
    assert_eq!(text(html), "Ja.\nOp ma schreef X <x@y.nl>:\n\n> Hallo\n> daar\n>\n> > dieper\nNa\n");
}

#[test]
fn what_is_not_shown_is_left_out() {
    assert_eq!(
        text(
            "<html><head><title>t</title><style>p{}</style></head><body><script>x()</script>a<span style='display: none'>b<span>c</span></span>d"
        ),
        "ad\n"
    );
    assert_eq!(text("<div style='font-size:0px'>a</div><div style='font-size:0.9em'>b</div>"), "b\n");
}

#[test]
fn a_page_that_hides_everything_is_shown() {
    assert_eq!(text("<div style='display:none'>a"), "a\n");
}

#[test]
fn lists_are_numbered_as_a_person_sees_them() {
    assert_eq!(text("<ol><li>een</li><li>twee</li></ol><ul><li>x</li></ul>"), "1. een\n2. twee\n\n- x\n");
}

#[test]
fn blanks_fold_but_not_in_preformatted_text() {
    assert_eq!(text("a \n  b<b> c</b>"), "a b c\n");
    assert_eq!(text("<pre>a\n  b</pre>"), "a\n  b\n");
}

#[test]
fn outlooks_divider_is_a_line() {
    let html = "<p class=MsoNormal>Ja</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Van:</b> X<br><b>Aan:</b> Y</p></div>";
    assert_eq!(text(html), "Ja\n________________________________\nVan: X\nAan: Y\n");
}

#[test]
fn deep_nesting_costs_no_more_than_its_length() {
    let html = "<div><blockquote><table><tr><td>".repeat(20_000);
    let page = lay_out(&format!("{html}x"), 10_000);
    assert!(page.text.contains('x'));
}

proptest! {
    #[test]
    fn any_page_is_laid_out(pieces in proptest::collection::vec(prop_oneof![
        Just("<div>"), Just("</div>"), Just("<p hidden>"), Just("<td>"), Just("<tr>"), Just("</tr>"), Just("<table>"), Just("</table>"),
        Just("<blockquote>"), Just("</blockquote>"), Just("<li>"), Just("<ol>"), Just("<br>"), Just("<hr>"), Just("<pre>"), Just("a"),
        Just("<style>"), Just("</style>"), Just("<!--"), Just("&nbsp;"), Just("\n"), Just("<a href='"), Just("\u{0}"),
    ], 0..80)) {
        let page = lay_out(&pieces.concat(), 300);
        prop_assert!(page.text.len() < 400);
    }
}
