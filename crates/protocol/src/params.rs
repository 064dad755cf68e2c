//! Parsed parameters: a typed struct per endpoint, declared with [`params!`](crate::params!).
use serde_json::{Map, Value};

/// Validated, coerced parameters by their collection-vocabulary name.
#[derive(Debug, Default)]
pub struct Values(pub Map<String, Value>);

impl Values {
    /// Takes a value out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.get_mut(name).map(Value::take)
    }
}

/// From a validated value to a field's type. `None` = absent without default.
pub trait FromParam: Sized {
    /// Converts; checks guarantee the shape, a mismatch gives the type's empty value.
    fn from_param(value: Option<Value>) -> Self;
}

impl FromParam for String {
    fn from_param(value: Option<Value>) -> Self {
        match value {
            Some(Value::String(s)) => s,
            Some(Value::Number(n)) => n.to_string(),
            _ => Self::new(),
        }
    }
}
impl FromParam for bool {
    fn from_param(value: Option<Value>) -> Self {
        matches!(value, Some(Value::Bool(true)))
    }
}
impl FromParam for i64 {
    fn from_param(value: Option<Value>) -> Self {
        value.and_then(|v| v.as_i64()).unwrap_or_default()
    }
}
impl FromParam for f64 {
    fn from_param(value: Option<Value>) -> Self {
        value.and_then(|v| v.as_f64()).unwrap_or_default()
    }
}
impl FromParam for Value {
    fn from_param(value: Option<Value>) -> Self {
        value.unwrap_or(Self::Null)
    }
}
impl FromParam for Map<String, Value> {
    fn from_param(value: Option<Value>) -> Self {
        match value {
            Some(Value::Object(m)) => m,
            _ => Self::new(),
        }
    }
}
impl<T: FromParam> FromParam for Option<T> {
    fn from_param(value: Option<Value>) -> Self {
        match value {
            None | Some(Value::Null) => None,
            v => Some(T::from_param(v)),
        }
    }
}
impl<T: FromParam> FromParam for Vec<T> {
    fn from_param(value: Option<Value>) -> Self {
        match value {
            Some(Value::Array(a)) => a.into_iter().map(|v| T::from_param(Some(v))).collect(),
            _ => Self::new(),
        }
    }
}

/// A struct of parameters with its declaration.
pub trait Params: Sized {
    /// In order of checking.
    const PARAMS: &'static [crate::Param];
    /// Builds the struct from validated values.
    fn from_values(values: Values) -> Self;
}

impl Params for () {
    const PARAMS: &'static [crate::Param] = &[];
    fn from_values(_: Values) -> Self {}
}

/// Declares a parameter struct:
/// ```
/// use protocol::{params, Check};
/// params! {
///     pub struct Create {
///         team_id: String = "teamId", Check::CustomId, required;
///         name: String = "name", Check::Text { min: 1, max: 128 }, required;
///         roles: Vec<String> = "roles", Check::List(&Check::Key { max: 36 }, 100), or Strings(&["owner"]);
///         phone: Option<String> = "phone", Check::Phone, optional;
///         parent: String = "collectionId" | "tableId", Check::Uid, required;
///     }
/// }
/// ```
/// `required`, `optional` (null and absent → None), `or VARIANT` of [`spec::Default`](crate::spec::Default),
/// `nullable_required` (must be sent, may be null). A second name after `|` is the tables vocabulary's; further names that are taken are listed
/// after `alias`: `"tokenURL" alias ["tokenUrl"]`.
#[macro_export]
macro_rules! params {
    ($(#[$m:meta])* $vis:vis struct $name:ident { $( $(#[$fm:meta])* $field:ident : $ty:ty = $wire:literal $(| $table:literal)? $(alias [$($alias:literal),+])? , $check:expr , $mode:ident $($default:expr)? ; )* }) => {
        $(#[$m])*
        #[derive(Debug)]
        $vis struct $name { $( $(#[$fm])* pub $field: $ty, )* }
        impl $crate::params::Params for $name {
            const PARAMS: &'static [$crate::Param] = &[ $( $crate::Param { aliases: &[$($($alias),+)?], ..$crate::__param!($wire, [$($table)?], $check, $mode $($default)?) }, )* ];
            #[allow(unused_mut, unused_variables, reason = "empty structs take nothing")]
            fn from_values(mut values: $crate::Values) -> Self {
                Self { $( $field: $crate::FromParam::from_param(values.take($wire)), )* }
            }
        }
    };
}

/// One entry of [`params!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __param {
    ($w:literal, [$($t:literal)?], $c:expr, required) => { $crate::__param!(@ $w, [$($t)?], $c, true, false, $crate::spec::Default::None) };
    ($w:literal, [$($t:literal)?], $c:expr, nullable_required) => { $crate::__param!(@ $w, [$($t)?], $c, true, true, $crate::spec::Default::None) };
    ($w:literal, [$($t:literal)?], $c:expr, optional) => { $crate::__param!(@ $w, [$($t)?], $c, false, true, $crate::spec::Default::Null) };
    ($w:literal, [$($t:literal)?], $c:expr, or $d:expr) => { $crate::__param!(@ $w, [$($t)?], $c, false, true, { #[allow(unused_imports, reason = "short names in declarations")] use $crate::spec::Default::*; $d }) };
    (@ $w:literal, [$($t:literal)?], $c:expr, $req:literal, $null:literal, $d:expr) => {
        $crate::Param { name: $w, table_name: $crate::__opt!($($t)?), aliases: &[], check: $c, required: $req, nullable: $null, default: $d }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __opt {
    () => {
        None
    };
    ($e:expr) => {
        Some($e)
    };
}
