//! The incremental filter over id, name, address, AZ, state, type, owner and description.
//!
//! Invariants: words are joined by "and"; a word is a substring, lower case against lower case;
//! `!word` must not match; `key:word` looks into one field only; an unfinished word (`!`, `az:`)
//! filters nothing, so that typing never flashes an empty tree.

pub mod haystack;

/// What is filtered for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The text as typed; empty means no filter.
    pub text: String,
    /// Interfaces and instances that match.
    pub matches: usize,
}

/// A field of a resource that a word can be looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Identifier, also of the attachment.
    Id,
    /// The tag `Name`.
    Name,
    /// Private and public addresses, CIDR block, MAC address.
    Address,
    /// Zone name and zone id.
    Zone,
    /// State, status checks, attachment status.
    State,
    /// Instance type or interface type.
    Type,
    /// Account, requester, service.
    Owner,
    /// Description.
    Description,
    /// Security groups, ids and names.
    Group,
    /// Any tag, `key=value`.
    Tag,
}

/// What can stand before the colon.
pub const FIELDS: &[(&str, Field)] = &[
    ("id", Field::Id),
    ("name", Field::Name),
    ("ip", Field::Address),
    ("address", Field::Address),
    ("mac", Field::Address),
    ("az", Field::Zone),
    ("zone", Field::Zone),
    ("state", Field::State),
    ("status", Field::State),
    ("type", Field::Type),
    ("owner", Field::Owner),
    ("description", Field::Description),
    ("desc", Field::Description),
    ("sg", Field::Group),
    ("group", Field::Group),
    ("tag", Field::Tag),
];

impl Field {
    /// The byte that opens this field in the haystack; no typed text contains one.
    fn mark(self) -> char {
        char::from(self as u8 + 1)
    }
}

/// One word of the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Must not match.
    pub negated: bool,
    /// Only in this field.
    pub field: Option<Field>,
    /// Lower case, never empty, no control characters.
    pub needle: String,
}

/// Takes a filter's text apart. A colon behind anything but a known field belongs to the word, so
/// that a MAC address or an ARN can be looked for as it is.
pub fn terms(text: &str) -> Vec<Term> {
    text.split_whitespace().filter_map(term).collect()
}

fn term(word: &str) -> Option<Term> {
    let (negated, word) = match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let known = |key: &str| FIELDS.iter().find(|(k, _)| k.eq_ignore_ascii_case(key));
    let keyed = word
        .split_once(':')
        .and_then(|(key, rest)| known(key).map(|(_, field)| (*field, rest)));
    let (field, word) = match keyed {
        Some((field, rest)) => (Some(field), rest),
        None => (None, word),
    };
    let needle: String = word.chars().filter(|c| !c.is_control()).collect();
    let needle = needle.to_lowercase();
    (!needle.is_empty()).then_some(Term {
        negated,
        field,
        needle,
    })
}
