//! A small reader of XML that accepts nothing that is not well-formed: the replies' judge.

use std::fmt::Write as _;

use xmlparser::{ElementEnd, EntityDefinition, Token, Tokenizer};

/// An element: its name, its children, and the text between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    /// The element at a path of names with `/` between.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |at, name| at.child(name))
    }

    /// The text at a path; empty if there is nothing.
    pub fn text_at(&self, path: &str) -> &str {
        self.at(path).map_or("", |e| &e.text)
    }

    /// The texts at `member` of every item of the list at `set`.
    pub fn each(&self, set: &str, member: &str) -> Vec<&str> {
        let items = self.at(set).into_iter().flat_map(|s| &s.children);
        items.map(|item| item.text_at(member)).collect()
    }

    /// One line an element, indented.
    pub fn lines(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out
    }

    fn write(&self, depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        let line = format!("{pad}{} {}", self.name, self.text);
        writeln!(out, "{}", line.trim_end()).unwrap();
        for child in &self.children {
            child.write(depth + 1, out);
        }
    }
}

/// The root element, or what is wrong with the document.
pub fn read(text: &str) -> Result<Element, String> {
    let mut open: Vec<Element> = vec![Element::default()];
    for token in Tokenizer::from(text) {
        let token = token.map_err(|error| error.to_string())?;
        let depth = open.len();
        let top = open.last_mut().ok_or("a close without an open")?;
        match token {
            Token::ElementStart { local, .. } => open.push(Element {
                name: local.to_string(),
                ..Element::default()
            }),
            Token::ElementEnd { end, .. } => match end {
                ElementEnd::Open => {}
                ElementEnd::Close(_, name) if name.as_str() != top.name => {
                    return Err(format!("</{name}> closes <{}>", top.name));
                }
                ElementEnd::Close(..) | ElementEnd::Empty => {
                    let done = open.pop().ok_or("a close without an open")?;
                    let above = open.last_mut().ok_or("a close without an open")?;
                    above.children.push(done);
                }
            },
            Token::Text { text } if depth == 1 && !text.trim().is_empty() => {
                return Err(format!("text outside the root: {text}"));
            }
            Token::Text { text } => top.text.push_str(&unescaped(&text)?),
            Token::Attribute { local, .. } if local.as_str() != "xmlns" => {
                return Err(format!("an attribute {local}"));
            }
            Token::Attribute { .. } | Token::Declaration { .. } => {}
            Token::EntityDeclaration { definition, .. } => {
                let EntityDefinition::EntityValue(value) = definition else {
                    return Err("an external entity".to_owned());
                };
                return Err(format!("an entity {value}"));
            }
            other => return Err(format!("not expected in a reply: {other:?}")),
        }
    }
    let top = open.pop().ok_or("nothing is left open")?;
    if !open.is_empty() {
        return Err(format!("<{}> is never closed", top.name));
    }
    match top.children.as_slice() {
        [root] => Ok(root.clone()),
        roots => Err(format!("{} roots", roots.len())),
    }
}

fn unescaped(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, tail) = after.split_once(';').ok_or("a bare ampersand")?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#13" => '\r',
            other => return Err(format!("an unknown entity {other}")),
        });
        rest = tail;
    }
    out.push_str(rest);
    if let Some(c) = out
        .chars()
        .find(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}'))
    {
        return Err(format!("a character that XML cannot carry: {c:?}"));
    }
    Ok(out)
}

#[test]
fn what_is_not_well_formed_is_seen() {
    for bad in [
        "",
        "a",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&nbsp;</a>",
        "<a>&</a>",
        "<a><b></a></b>",
        "<a>\u{1}</a>",
        "<!DOCTYPE a><a/>",
        "<a b=\"c\"/>",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
    let good = read("<?xml version=\"1.0\"?>\n<a xmlns=\"x\"><b>1 &lt;</b><c/></a>").unwrap();
    assert_eq!((good.text_at("b"), good.children.len()), ("1 <", 2));
}
