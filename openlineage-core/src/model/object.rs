//! `object!` and `facet!`: the declarations from which facet types are made.

/// Declares a JSON object: a struct with `new(required..)`, one `with_*` for each optional field, and a reader and a writer
/// that keep unknown fields in `extra` and name the place of a fault.
///
/// Three sections, each of which may be left out but not moved: `required`, `optional` (an `Option` in the struct; `null`
/// reads as absent) and `facets` (absent and `{}` stay apart in [`Facets`](crate::model::Facets) itself). An optional
/// field names the method that sets it.
///
/// ```
/// openlineage_core::object! {
///     /// How far a consumer is behind.
///     pub struct QueueDepth {
///         required {
///             /// Messages not yet read.
///             lag: u32 = "lag",
///         }
///         optional {
///             /// Topic of the queue.
///             topic, with_topic: String = "topic",
///         }
///     }
/// }
///
/// let depth: QueueDepth = serde_json::from_str(r#"{"lag":3,"unit":1.50}"#)?;
/// assert_eq!(serde_json::to_string(&depth.with_topic("orders"))?, r#"{"lag":3,"topic":"orders","unit":1.50}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $Name:ident {
            $(required { $($(#[$rmeta:meta])* $r:ident: $R:ty = $rkey:literal),+ $(,)? })?
            $(optional { $($(#[$ometa:meta])* $o:ident, $with_o:ident: $O:ty = $okey:literal),+ $(,)? })?
            $(facets { $($(#[$fmeta:meta])* $f:ident, $with_f:ident: $F:ty = $fkey:literal),+ $(,)? })?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $Name {
            $($($(#[$rmeta])* pub $r: $R,)+)?
            $($($(#[$ometa])* pub $o: ::core::option::Option<$O>,)+)?
            $($($(#[$fmeta])* pub $f: $F,)+)?
            /// Fields that this type does not know.
            pub extra: $crate::model::Extra,
        }

        impl $Name {
            /// The object with its required fields, and nothing else.
            #[must_use]
            pub fn new($($($r: impl ::core::convert::Into<$R>),+)?) -> Self {
                Self {
                    $($($r: $r.into(),)+)?
                    $($($o: ::core::option::Option::None,)+)?
                    $($($f: ::core::default::Default::default(),)+)?
                    extra: $crate::model::Extra::new(),
                }
            }

            $($(
                $(#[$ometa])*
                #[must_use]
                pub fn $with_o(mut self, $o: impl ::core::convert::Into<$O>) -> Self {
                    self.$o = ::core::option::Option::Some($o.into());
                    self
                }
            )+)?

            $($(
                $(#[$fmeta])*
                #[must_use]
                pub fn $with_f(mut self, $f: impl ::core::convert::Into<$F>) -> Self {
                    self.$f = $f.into();
                    self
                }
            )+)?
        }

        $crate::__object_default! { $Name $($($r)+)? }

        $crate::__object_reader! {
            $Name
            { $($($r: $R = $rkey,)+)? }
            { $($($o: $O = $okey,)+)? }
            { $($($f: $F = $fkey,)+)? }
        }

        impl $crate::model::private::Serialize for $Name {
            fn serialize<S: $crate::model::private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                use $crate::model::private::SerializeMap as _;
                let mut map = serializer.serialize_map(::core::option::Option::None)?;
                $($(map.serialize_entry($rkey, &self.$r)?;)+)?
                $($(
                    if let ::core::option::Option::Some(value) = &self.$o {
                        map.serialize_entry($okey, value)?;
                    }
                )+)?
                $($(
                    if self.$f.is_present() {
                        map.serialize_entry($fkey, &self.$f)?;
                    }
                )+)?
                self.extra.write(&mut map)?;
                map.end()
            }
        }
    };
}

/// Makes a type a facet, from its place or places, its key, its older keys and its schema.
///
/// ```
/// # openlineage_core::object! { /// Nothing.
/// # pub struct Marker { optional { /// Text.
/// # note, with_note: String = "note" } } }
/// openlineage_core::facet! {
///     Marker in RunPlace, JobPlace as "acme_marker" also "acme_mark"
///     at "https://acme.example/openlineage/1-0-0/AcmeMarker.json"
/// }
/// ```
#[macro_export]
macro_rules! facet {
    ($Name:ident in $($Place:ident),+ as $key:literal $(also $($alias:literal),+)? at $url:literal) => {
        impl $crate::model::Facet for $Name {
            const KEY: &'static str = $key;
            const SCHEMA_URL: &'static str = $url;
            const ALIASES: &'static [&'static str] = &[$($($alias),+)?];
        }
        $(impl $crate::model::In<$crate::model::$Place> for $Name {})+
    };
}

/// An object without a required field has a default.
#[doc(hidden)]
#[macro_export]
macro_rules! __object_default {
    ($Name:ident) => {
        impl ::core::default::Default for $Name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    ($Name:ident $($required:ident)+) => {};
}

/// The reader of `object!`, also used for the events, whose other parts are written by hand.
#[doc(hidden)]
#[macro_export]
macro_rules! __object_reader {
    (
        $Name:ident
        { $($r:ident: $R:ty = $rkey:literal,)* }
        { $($o:ident: $O:ty = $okey:literal,)* }
        { $($f:ident: $F:ty = $fkey:literal,)* }
    ) => {
        impl<'de> $crate::model::private::Deserialize<'de> for $Name {
            fn deserialize<D: $crate::model::private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                struct Reader;

                impl<'de> $crate::model::private::Visitor<'de> for Reader {
                    type Value = $Name;

                    fn expecting(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        f.write_str("a JSON object")
                    }

                    fn visit_map<A: $crate::model::private::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> ::core::result::Result<$Name, A::Error> {
                        $(let mut $r = ::core::option::Option::<$R>::None;)*
                        $(let mut $o = ::core::option::Option::<::core::option::Option<$O>>::None;)*
                        $(let mut $f = ::core::option::Option::<::core::option::Option<$F>>::None;)*
                        let mut extra = $crate::model::Extra::new();
                        while let ::core::option::Option::Some(key) = $crate::model::private::next_key(&mut map)? {
                            match &*key {
                                $($rkey => $crate::model::private::field(&mut map, $rkey, &mut $r)?,)*
                                $($okey => $crate::model::private::field(&mut map, $okey, &mut $o)?,)*
                                $($fkey => $crate::model::private::field(&mut map, $fkey, &mut $f)?,)*
                                unknown => extra.read(unknown, &mut map)?,
                            }
                        }
                        ::core::result::Result::Ok($Name {
                            $($r: $crate::model::private::required($r, $rkey)?,)*
                            $($o: $o.flatten(),)*
                            $($f: $f.flatten().unwrap_or_default(),)*
                            extra,
                        })
                    }
                }

                deserializer.deserialize_map(Reader)
            }
        }
    };
}
