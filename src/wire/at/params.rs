//! The parameters of a line such as `+COPS: 0,2,"26201",7`. V.250 5.4, TS 27.007 4.

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param<'a> {
    /// Its text, without quotation marks; empty when it was left out.
    pub text: &'a str,
    /// Whether it stood in quotation marks.
    pub is_quoted: bool,
}

impl<'a> Param<'a> {
    /// The number it is, when it is one.
    pub fn number(self) -> Option<u32> {
        self.text.parse().ok()
    }

    /// The text, unless it was left out.
    pub fn present(self) -> Option<&'a str> {
        (self.is_quoted || !self.text.is_empty()).then_some(self.text)
    }
}

/// The parameters, one after the other. A list in parentheses is one parameter. A quotation mark
/// that is never closed reaches to the end.
#[derive(Clone, Debug)]
pub struct Params<'a> {
    rest: Option<&'a str>,
}

impl<'a> Params<'a> {
    /// Those of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { rest: Some(text) }
    }

    /// Those of a line that begins with `name` and a colon: `of(line, "+CREG")`.
    pub fn of(line: &'a str, name: &str) -> Option<Self> {
        let rest = line.strip_prefix(name)?.trim_start().strip_prefix(':')?;
        Some(Self::new(rest.trim()))
    }

    /// Those of the first line that begins with `name`.
    pub fn find(lines: &'a [String], name: &str) -> Option<Self> {
        for line in lines {
            let found = Self::of(line, name);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The first number of the first line that begins with `name`.
    #[inline(never)]
    pub fn first_number(lines: &[String], name: &str) -> Option<u32> {
        Params::find(lines, name)?.next()?.number()
    }

    /// At most so many of them.
    #[inline(never)]
    pub fn list(mut self, max: usize) -> Vec<Param<'a>> {
        let mut list = Vec::new();
        while list.len() < max
            && let Some(param) = self.next()
        {
            list.push(param);
        }
        list
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = Param<'a>;

    fn next(&mut self) -> Option<Param<'a>> {
        let rest = self.rest?;
        let mut is_quoted = false;
        let mut depth = 0_usize;
        let comma = rest.find(|c| {
            is_quoted ^= c == '"';
            match c {
                '(' if !is_quoted => depth = depth.saturating_add(1),
                ')' if !is_quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && !is_quoted && depth == 0
        });
        let (text, rest) = match comma {
            Some(at) => (rest.get(..at)?, rest.get(at + 1..)),
            None => (rest, None),
        };
        self.rest = rest;
        let text = text.trim();
        Some(match text.strip_prefix('"') {
            Some(inner) => {
                Param { text: inner.strip_suffix('"').unwrap_or(inner), is_quoted: true }
            }
            None => Param { text, is_quoted: false },
        })
    }
}
