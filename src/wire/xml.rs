//! Replies as XML.
//!
//! Invariants: text is escaped and holds only characters that XML 1.0 can carry; every element that
//! is opened is closed, because content is written by a function between the two; an absent scalar
//! has no element at all, an empty list has an empty one (clients tell the two apart).

use std::fmt::{Display, Write as _};

use crate::ec2::error::ApiError;
use crate::ec2::id::Str;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const EC2: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";
const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Which service answers: the two wrap an answer differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Ec2,
    Sts,
}

/// The content of an answer, for one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xml {
    action: String,
    dialect: Dialect,
    request_id: Option<Str>,
    content: String,
}

impl Xml {
    /// An empty answer to an action of EC2.
    pub(super) fn ec2(action: &str) -> Self {
        Self {
            action: action.to_owned(),
            dialect: Dialect::Ec2,
            request_id: None,
            content: String::new(),
        }
    }

    /// An empty answer to an action of STS.
    pub(super) fn sts(action: &str) -> Self {
        Self {
            dialect: Dialect::Sts,
            ..Self::ec2(action)
        }
    }

    /// The request id that the simulator gave.
    pub(super) fn with_request_id(mut self, id: Option<Str>) -> Self {
        self.request_id = id;
        self
    }

    /// The request id that the simulator gave, of a call that it remembers.
    pub fn request_id(&self) -> Option<&Str> {
        self.request_id.as_ref()
    }

    /// The whole document.
    pub fn document(&self, request_id: &str) -> String {
        let Self {
            action, content, ..
        } = self;
        let id = escaped(request_id);
        match self.dialect {
            Dialect::Ec2 => format!(
                "{DECLARATION}<{action}Response xmlns=\"{EC2}\">\
                 <requestId>{id}</requestId>{content}</{action}Response>"
            ),
            Dialect::Sts => format!(
                "{DECLARATION}<{action}Response xmlns=\"{STS}\">\
                 <{action}Result>{content}</{action}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>\
                 </{action}Response>"
            ),
        }
    }

    /// One element with text.
    pub(super) fn text(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.content.push('<');
        self.content.push_str(name);
        self.content.push('>');
        self.plain(value);
        self.close(name)
    }

    /// Text alone, for the item of a list of plain values.
    pub(super) fn plain(&mut self, value: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(Escape(&mut self.content), "{value}");
    }

    /// One element with text, or nothing where there is none.
    pub(super) fn maybe(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// One element with elements in it.
    pub(super) fn within(&mut self, name: &str, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.content.push('<');
        self.content.push_str(name);
        self.content.push('>');
        write(self);
        self.close(name)
    }

    /// A list: `<name>`, an `<item>` for each, `</name>`.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.within(name, |x| {
            for item in items {
                x.within("item", |x| write(x, item));
            }
        })
    }

    fn close(&mut self, name: &str) -> &mut Self {
        self.content.push_str("</");
        self.content.push_str(name);
        self.content.push('>');
        self
    }
}

/// EC2's error document.
pub(super) fn error(error: &ApiError, request_id: &str) -> String {
    format!(
        "{DECLARATION}<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors>\
         <RequestID>{}</RequestID></Response>",
        escaped(&error.code),
        escaped(&error.message),
        escaped(request_id)
    )
}

/// The error document of STS.
pub(super) fn sts_error(error: &ApiError, request_id: &str) -> String {
    format!(
        "{DECLARATION}<ErrorResponse xmlns=\"{STS}\"><Error><Type>Sender</Type><Code>{}</Code>\
         <Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        escaped(&error.code),
        escaped(&error.message),
        escaped(request_id)
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing to a string does not fail.
    let _ = Escape(&mut out).write_str(text);
    out
}

/// What is written here arrives escaped.
struct Escape<'a>(&'a mut String);

impl std::fmt::Write for Escape<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        // Nearly everything that an answer says: ids, numbers, addresses.
        if text.bytes().all(is_plain) {
            self.0.push_str(text);
            return Ok(());
        }
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                // A parser would turn it into a line feed.
                '\r' => self.0.push_str("&#13;"),
                c if carried(c) => self.0.push(c),
                // XML 1.0 has no way of writing it, not even as a reference.
                _ => {}
            }
        }
        Ok(())
    }
}

/// Stands for itself in XML, whatever comes before and after it.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"')
}

/// `Char` of XML 1.0, section 2.2.
fn carried(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_what_xml_cannot_carry_is_dropped() {
        let hostile = "a<b>&\"c\"]]>\0\u{1}\u{1b}[31m\r\n\t\u{fffe}\u{7f}é💥";
        let mut xml = Xml::ec2("A");
        xml.text("t", hostile);
        assert_eq!(
            xml.content,
            "<t>a&lt;b&gt;&amp;&quot;c&quot;]]&gt;[31m&#13;\n\t\u{7f}é💥</t>"
        );
    }

    #[test]
    fn an_absent_scalar_has_no_element_and_an_empty_list_has_one() {
        let mut xml = Xml::ec2("A");
        xml.maybe("gone", None::<&str>).maybe("here", Some(1));
        xml.list("aSet", Vec::<u8>::new(), |_, _| ());
        assert_eq!(xml.content, "<here>1</here><aSet></aSet>");
    }
}
