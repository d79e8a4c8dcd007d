//! Just enough of Rust's grammar to read paths, method calls and test code out of a source file.
//!
//! Invariants: comments and literals never reach a rule; a token knows its line; what is not
//! understood is kept as a single character, so that nothing disappears silently.

/// One word or one character of punctuation (`::` is one token).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The text; a string, character or number literal is the empty text.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    /// Inside an item behind `#[cfg(test)]`.
    pub test: bool,
    /// Names of the inline modules around it, `mod tests { … }`.
    pub inline_mods: usize,
}

/// The tokens of a source text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = split(text);
    mark_tests(&mut tokens);
    mark_inline_mods(&mut tokens);
    tokens
}

fn split(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let at = |n: usize| chars.get(n).copied().unwrap_or('\0');
    let mut out = Vec::new();
    let (mut n, mut line) = (0, 1);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while n < chars.len() {
        let (begin, c) = (n, at(n));
        let mut word = String::new();
        if c == '/' && at(n + 1) == '/' {
            while n < chars.len() && at(n) != '\n' {
                n += 1;
            }
            continue;
        } else if c == '/' && at(n + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(n), at(n + 1)) {
                    ('/', '*') => (depth, n) = (depth + 1, n + 2),
                    ('*', '/') => (depth, n) = (depth - 1, n + 2),
                    _ => n += 1,
                }
                if depth == 0 || n >= chars.len() {
                    break;
                }
            }
        } else if c.is_whitespace() {
            n += 1;
        } else if let Some(end) = raw_string_end(&chars, n) {
            n = end;
            out.push(token(String::new(), line));
        } else if c == '"' || (c == 'b' && at(n + 1) == '"') {
            n += if c == 'b' { 2 } else { 1 };
            while n < chars.len() && at(n) != '"' {
                n += if at(n) == '\\' { 2 } else { 1 };
            }
            n += 1;
            out.push(token(String::new(), line));
        } else if c == '\'' && (at(n + 1) == '\\' || at(n + 2) == '\'') {
            // A character; anything else after a quote is a lifetime.
            n += if at(n + 1) == '\\' { 3 } else { 2 };
            while n < chars.len() && at(n) != '\'' {
                n += 1;
            }
            n += 1;
            out.push(token(String::new(), line));
        } else if is_word(c) {
            while is_word(at(n)) {
                word.push(at(n));
                n += 1;
            }
            let number = c.is_ascii_digit();
            out.push(token(if number { String::new() } else { word }, line));
        } else {
            let double = c == ':' && at(n + 1) == ':';
            n += if double { 2 } else { 1 };
            let text = if double { "::".into() } else { c.to_string() };
            out.push(token(text, line));
        }
        let end = n.min(chars.len());
        line += chars[begin..end].iter().filter(|c| **c == '\n').count();
    }
    out
}

fn token(text: String, line: usize) -> Token {
    Token {
        text,
        line,
        test: false,
        inline_mods: 0,
    }
}

/// Where a raw string that begins at `n` ends, if one does.
fn raw_string_end(chars: &[char], n: usize) -> Option<usize> {
    let at = |n: usize| chars.get(n).copied().unwrap_or('\0');
    let mut m = n + usize::from(at(n) == 'b');
    if at(m) != 'r' {
        return None;
    }
    m += 1;
    let hashes = (m..).take_while(|k| at(*k) == '#').count();
    m += hashes;
    if at(m) != '"' {
        return None;
    }
    let close = |k: usize| at(k) == '"' && (1..=hashes).all(|h| at(k + h) == '#');
    (m + 1..chars.len())
        .find(|k| close(*k))
        .map(|k| k + hashes + 1)
}

/// Index behind the bracket that closes the one at `open`.
pub fn after_bracket(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (n, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return n + 1;
        }
    }
    tokens.len()
}

fn text(tokens: &[Token], n: usize) -> &str {
    tokens.get(n).map_or("", |t| t.text.as_str())
}

fn mark_tests(tokens: &mut [Token]) {
    let mut n = 0;
    while n < tokens.len() {
        if text(tokens, n) != "#" || text(tokens, n + 1) != "[" {
            n += 1;
            continue;
        }
        let body = n + 2;
        let mut end = after_bracket(tokens, n + 1);
        let words: Vec<&str> = (body..end).map(|k| text(tokens, k)).collect();
        // `cfg(not(test))` is the program, not a test.
        let test = words.first() == Some(&"cfg") && words.contains(&"test");
        if !test || words.contains(&"not") {
            n = end;
            continue;
        }
        while text(tokens, end) == "#" {
            end = after_bracket(tokens, end + 1);
        }
        while end < tokens.len() && !matches!(text(tokens, end), "{" | ";") {
            end += 1;
        }
        if text(tokens, end) == "{" {
            end = after_bracket(tokens, end);
        }
        let last = end.min(tokens.len());
        tokens[n..last].iter_mut().for_each(|t| t.test = true);
        n = last.max(n + 1);
    }
}

fn mark_inline_mods(tokens: &mut [Token]) {
    for n in 0..tokens.len() {
        if text(tokens, n) == "mod" && text(tokens, n + 2) == "{" {
            let end = after_bracket(tokens, n + 2);
            tokens[n + 3..end]
                .iter_mut()
                .for_each(|t| t.inline_mods += 1);
        }
    }
}

/// Every path in the tokens, use trees expanded, with the index of its first token:
/// `use std::{fs, env::args}` gives `std::fs` and `std::env::args`.
pub fn paths(tokens: &[Token]) -> Vec<(usize, Vec<String>)> {
    let mut out = Vec::new();
    let mut n = 0;
    while n < tokens.len() {
        let follows = n > 0 && text(tokens, n - 1) == "::";
        if is_name(text(tokens, n)) && !follows {
            n = tree(tokens, n, &mut Vec::new(), n, &mut out);
        } else {
            n += 1;
        }
    }
    out
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads one path or use tree at `n`; answers the index behind it.
fn tree(
    tokens: &[Token],
    mut n: usize,
    prefix: &mut Vec<String>,
    first: usize,
    out: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let depth = prefix.len();
    loop {
        match text(tokens, n) {
            "{" if !prefix.is_empty() && text(tokens, n - 1) == "::" => {
                let end = after_bracket(tokens, n);
                n += 1;
                while n < end - 1 {
                    if is_name(text(tokens, n)) || text(tokens, n) == "{" {
                        n = tree(tokens, n, prefix, n, out);
                    } else {
                        n += 1;
                    }
                }
                prefix.truncate(depth);
                return end;
            }
            name if is_name(name) => prefix.push(name.to_owned()),
            _ => {}
        }
        if text(tokens, n + 1) == "::"
            && (is_name(text(tokens, n + 2)) || text(tokens, n + 2) == "{")
        {
            n += 2;
        } else {
            out.push((first, prefix.clone()));
            prefix.truncate(depth);
            return n + 1;
        }
    }
}
