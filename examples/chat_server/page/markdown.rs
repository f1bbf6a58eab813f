//! Markdown as messages have it: what strangers write, drawn within bounds.
//!
//! Raw HTML is text, pictures are placeholders, and nesting and length have limits beyond which text stays as it is.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::html::Html;
use super::link::{self, Target};
use super::words;

/// How much may be drawn: a message that is all markup becomes text at some point.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Pieces of markup that are left.
    events: usize,
    /// How many characters of one text are shown.
    longest: usize,
}

impl Budget {
    /// For a message among others.
    pub(crate) fn folded() -> Self {
        Self { events: 3_000, longest: jackfield::post::MAX_MESSAGE_RUNES }
    }

    /// For a message on a page of its own.
    pub(crate) fn whole() -> Self {
        Self { events: 60_000, longest: 1_000_000 }
    }
}

/// Draws a text.
pub(crate) fn draw(out: &mut Html, text: &str, budget: &mut Budget) {
    let end = text.char_indices().nth(jackfield::post::MAX_MESSAGE_RUNES).map(|(at, _)| at);
    if end.is_some() || budget.events == 0 {
        plain(out, text, budget);
        return;
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut drawing = Drawing { closing: Vec::new(), code: false, links: 0, out };
    for event in TextMergeStream::new(Parser::new_ext(text, options)) {
        let Some(left) = budget.events.checked_sub(1) else { break };
        budget.events = left;
        drawing.event(event);
    }
    while let Some(closing) = drawing.closing.pop() {
        drawing.out.raw(closing.markup);
    }
    if budget.events == 0 {
        out.raw("<p class=\"cut\">The rest has too much markup to be drawn here. As it was written:</p>");
        plain(out, text, budget);
    }
}

/// Draws a text as it is, its end left out if it is too long.
pub(crate) fn plain(out: &mut Html, text: &str, budget: &Budget) {
    let shown = text.char_indices().nth(budget.longest).and_then(|(at, _)| text.get(..at));
    out.raw("<p class=\"plain\">").text(shown.unwrap_or(text)).raw_if(shown.is_some(), "…").raw("</p>");
}

struct Drawing<'a> {
    /// What ends what is open.
    closing: Vec<Closing>,
    /// Whether text is code.
    code: bool,
    /// How many links are open: a link never stands within another.
    links: usize,
    out: &'a mut Html,
}

struct Closing {
    code: bool,
    link: bool,
    markup: &'static str,
}

impl Drawing<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) if self.code => {
                self.out.text(&text);
            }
            Event::Text(text) => words::draw(self.out, &text, self.links == 0),
            Event::Code(text) => {
                self.out.raw("<code>").text(&text).raw("</code>");
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                self.out.text(&text);
            }
            Event::SoftBreak | Event::HardBreak => {
                self.out.raw("<br>");
            }
            Event::Rule => {
                self.out.raw("<hr>");
            }
            Event::TaskListMarker(done) => {
                self.out.raw(if done { "☑ " } else { "☐ " });
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.out.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let mut closing = Closing { code: false, link: false, markup: "" };
        let is_block = matches!(tag, Tag::BlockQuote(_) | Tag::List(_) | Tag::Table(_) | Tag::CodeBlock(_));
        let too_deep = self.closing.len() >= if is_block { DEEPEST_BLOCK } else { DEEPEST };
        match tag {
            Tag::CodeBlock(_) => {
                (closing.code, closing.markup) = (true, if too_deep { "" } else { "</code></pre>" });
                self.out.raw_if(!too_deep, "<pre tabindex=\"0\"><code>");
                self.code = true;
            }
            _ if too_deep => {}
            Tag::List(Some(first)) => {
                self.out.raw("<ol start=\"").show(first).raw("\">");
                closing.markup = "</ol>";
            }
            Tag::Link { dest_url, .. } => match Target::read(&dest_url) {
                Some(target) if self.links == 0 => {
                    target.open(self.out, "");
                    (closing.link, closing.markup) = (true, "</a>");
                    self.links += 1;
                }
                _ => {}
            },
            Tag::Image { dest_url, .. } => {
                if self.links == 0 {
                    link::picture(self.out, &dest_url, "image");
                } else {
                    self.out.raw("🖼");
                }
                self.out.raw(" <span class=\"alt\">");
                closing.markup = "</span>";
            }
            tag => {
                let (opening, end) = simple(&tag);
                self.out.raw(opening);
                closing.markup = end;
            }
        }
        self.closing.push(closing);
    }

    fn end(&mut self, end: TagEnd) {
        let Some(closing) = self.closing.pop() else { return };
        self.out.raw(closing.markup);
        if closing.code {
            self.code = false;
        }
        if closing.link {
            self.links = self.links.saturating_sub(1);
        }
        if end == TagEnd::TableHead && !closing.markup.is_empty() {
            self.out.raw("<tbody>");
        }
    }
}

/// What has neither attributes nor rules.
fn simple(tag: &Tag<'_>) -> (&'static str, &'static str) {
    match tag {
        Tag::BlockQuote(_) => ("<blockquote>", "</blockquote>"),
        Tag::Emphasis => ("<em>", "</em>"),
        Tag::Heading { level: HeadingLevel::H1, .. } => ("<p class=\"heading h1\">", "</p>"),
        Tag::Heading { level: HeadingLevel::H2, .. } => ("<p class=\"heading h2\">", "</p>"),
        Tag::Heading { .. } => ("<p class=\"heading\">", "</p>"),
        Tag::HtmlBlock => ("<p class=\"plain\">", "</p>"),
        Tag::Item => ("<li>", "</li>"),
        Tag::List(_) => ("<ul>", "</ul>"),
        Tag::Paragraph => ("<p>", "</p>"),
        Tag::Strikethrough => ("<del>", "</del>"),
        Tag::Strong => ("<strong>", "</strong>"),
        Tag::Table(_) => ("<div class=\"scroll\" tabindex=\"0\"><table>", "</tbody></table></div>"),
        Tag::TableCell => ("<td>", "</td>"),
        Tag::TableHead => ("<thead><tr>", "</tr></thead>"),
        Tag::TableRow => ("<tr>", "</tr>"),
        _ => ("", ""),
    }
}

/// How many elements may stand within each other; deeper ones show their text alone.
const DEEPEST: usize = 20;
/// The same for what has elements of its own.
const DEEPEST_BLOCK: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> String {
        let mut out = Html::new();
        draw(&mut out, text, &mut Budget::folded());
        out.as_str().to_owned()
    }

    #[test]
    fn draws_what_messages_have() {
        let cases = [
            ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>"),
            ("a\nb", "<p>a<br>b</p>"),
            ("@bob: hi", "<p><span class=\"mention\">@bob</span>: hi</p>"),
            ("a@b 10:30:45", "<p>a@b 10:30:45</p>"),
            (":tada:", "<p><span class=\"emoji\" title=\"tada\">🎉</span></p>"),
            ("```\n@bob <b>\n```", "<pre tabindex=\"0\"><code>@bob &lt;b&gt;\n</code></pre>"),
        ];
        for (text, want) in cases {
            assert_eq!(drawn(text).trim_end(), want, "{text:?}");
        }
        let link = "<a href=\"https://a.example/b_c\" target=\"_blank\" rel=\"noreferrer noopener nofollow\">";
        assert_eq!(drawn("(https://a.example/b_c)."), format!("<p>({link}https://a.example/b_c</a>).</p>"));
    }

    #[test]
    fn html_is_text_and_strange_links_are_none() {
        assert_eq!(drawn("<script>alert(1)</script>"), "<p class=\"plain\">&lt;script&gt;alert(1)&lt;/script&gt;</p>");
        assert_eq!(drawn("a <img src=x onerror=y>"), "<p>a &lt;img src=x onerror=y&gt;</p>");
        assert_eq!(drawn("[x](javascript:alert)"), "<p>x</p>");
        assert!(!drawn("![x](https://a.example/i.png)").contains("<img"));
    }

    #[test]
    fn what_is_all_markup_ends() {
        let repeat = |text: &str| text.repeat(16_000 / text.len());
        let cases =
            ["[", "![", "*", "> ", "- ", "|a", "`", "<", "[a](", "**a ", "_a_", "|\n|-", "http://", ":a", "#\n", "~~"];
        for text in cases {
            let out = drawn(&repeat(text));
            assert!(out.len() < 400_000, "{text:?}: {}", out.len());
            let opened = out.matches('<').count() - out.matches("</").count();
            assert!(opened <= 8_000, "{text:?}: {opened}");
        }
    }

    #[test]
    fn every_table_is_closed() {
        assert_eq!(
            drawn("|a|b|\n|-|-|\n|c|d|"),
            "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><td>a</td><td>b</td></tr></thead><tbody>\
             <tr><td>c</td><td>d</td></tr></tbody></table></div>"
        );
    }
}
