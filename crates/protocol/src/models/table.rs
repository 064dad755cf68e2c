//! What a model is, and the notation its table is written in.

/// Type of a field.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
    Datetime,
    /// Anything.
    Json,
    /// One of these models, chosen by [`Model::when`].
    Of(&'static [&'static Model]),
}

/// What a field is when nobody set it.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "names say it")]
pub enum Fallback {
    /// Follows from the type: `""`, 0, false, `[]`; null for fields that may be null.
    Usual,
    Null,
    Bool(bool),
    Int(i64),
    Text(&'static str),
    Texts(&'static [&'static str]),
    EmptyList,
    EmptyObject,
}

/// A field of a model.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name on the wire.
    pub name: &'static str,
    /// Type, of the items when it is a list.
    pub kind: Kind,
    /// A list of `kind`.
    pub list: bool,
    /// May be null, and is when unset.
    pub nullable: bool,
    /// Blanked for those who may not see it.
    pub sensitive: bool,
    /// Name that stands in when the field itself is absent: the stored or the other vocabulary's.
    pub source: Option<&'static str>,
    /// Possible values; empty = any.
    pub values: &'static [&'static str],
    /// Value when unset.
    pub fallback: Fallback,
}

/// A model: a named set of fields.
#[derive(Debug)]
pub struct Model {
    /// Key, e.g. `documentList`.
    pub name: &'static str,
    /// Title in descriptions.
    pub title: &'static str,
    /// Passes every field through, declared or not.
    pub any: bool,
    /// As one of several possible models it applies when each of these fields has one of the values.
    pub when: &'static [(&'static str, &'static [&'static str])],
    /// Fields in order.
    pub fields: &'static [Field],
}

impl Field {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, kind: Kind::Json, list: false, nullable: false, sensitive: false, source: None, values: &[], fallback: Fallback::Usual }
    }
    pub(super) const fn text(mut self) -> Self {
        self.kind = Kind::Text;
        self
    }
    pub(super) const fn integer(mut self) -> Self {
        self.kind = Kind::Integer;
        self
    }
    pub(super) const fn float(mut self) -> Self {
        self.kind = Kind::Float;
        self
    }
    pub(super) const fn boolean(mut self) -> Self {
        self.kind = Kind::Boolean;
        self
    }
    pub(super) const fn datetime(mut self) -> Self {
        self.kind = Kind::Datetime;
        self
    }
    pub(super) const fn json(mut self) -> Self {
        self.kind = Kind::Json;
        self
    }
    pub(super) const fn of(mut self, models: &'static [&'static Model]) -> Self {
        self.kind = Kind::Of(models);
        self
    }
    pub(super) const fn list(mut self) -> Self {
        self.list = true;
        self
    }
    pub(super) const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
    pub(super) const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
    pub(super) const fn source(mut self, name: &'static str) -> Self {
        self.source = Some(name);
        self
    }
    pub(super) const fn within(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }
    pub(super) const fn or(mut self, fallback: Fallback) -> Self {
        self.fallback = fallback;
        self
    }
}

/// Declares the models of a family and the list of them:
/// ```text
/// NAME: "wireName" "Title" any (("when this field", ["has one of these values"])) {
///     "field": text list nullable sensitive <- "source" (ONE, OF_THESE_MODELS) ["possible", "values"] = Fallback;
/// }
/// ```
macro_rules! models {
    ($($name:ident : $wire:literal $title:literal $($any:ident)? $(($(($key:literal, [$($value:literal),*])),*))? { $($body:tt)* })*) => {
        $(
            pub(super) static $name: $crate::models::Model = $crate::models::Model {
                name: $wire,
                title: $title,
                any: $crate::models::table::flag!($($any)?),
                when: &[$($(($key, &[$($value),*])),*)?],
                fields: $crate::models::table::fields!($($body)*),
            };
        )*
        pub(super) const MODELS: &[&$crate::models::Model] = &[$(&$name),*];
    };
}

macro_rules! flag {
    () => {
        false
    };
    (any) => {
        true
    };
}

macro_rules! fields {
    ($($field:literal : $($flag:ident)* $(<- $source:literal)? $(($($of:path),*))? $([$($one:literal),*])? $(= $default:expr)? ;)*) => {{
        #[allow(unused_imports, reason = "most tables need no fallback of their own")]
        use $crate::models::Fallback::*;
        &[$($crate::models::Field::new($field)$(.$flag())*$(.source($source))?$(.of(&[$(&$of),*]))?$(.within(&[$($one),*]))?$(.or($default))?),*]
    }};
}

pub(super) use {fields, flag, models};
