//! The content of one UCI file, as `/etc/config/*` holds it: plain data between the parser
//! (`wire::uci`) and the typed configuration (`config`).

/// All sections of one file, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// The sections; sections that share a name are merged, as libuci does.
    pub sections: Vec<Section>,
}

/// One `config TYPE ['NAME']` with what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The type: `interface`, `modem`.
    pub kind: String,
    /// The name; `None` for an anonymous section.
    pub name: Option<String>,
    /// The options and lists, in order of first appearance, each name once.
    pub options: Vec<(String, OptionValue)>,
}

/// What an option holds. Values are bytes, not text: UCI files are in no particular encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// `option name 'value'`
    Single(Vec<u8>),
    /// `list name 'value'`, once or more
    List(Vec<Vec<u8>>),
}

impl Section {
    /// The option or list called `name`.
    pub fn get(&self, name: &str) -> Option<&OptionValue> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}
