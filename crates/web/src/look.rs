//! 「看得清」 How a person wants to see pages: size of letters, contrast, dark. Kept
//! in a cookie that says nothing about them; changed by plain links.

use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect};
use serde::Deserialize;

const COOKIE: &str = "nx_look";

/// How pages are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// 字号
    pub(crate) size: Size,
    /// 高对比
    pub(crate) contrast: bool,
    /// 夜
    pub(crate) dark: bool,
}

/// 字号
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    /// 标准
    #[default]
    Standard,
    /// 大字
    Large,
    /// 特大
    XLarge,
}

impl Size {
    pub(crate) const ALL: [Size; 3] = [Size::Standard, Size::Large, Size::XLarge];

    pub(crate) fn id(self) -> &'static str {
        match self {
            Size::Standard => "standard",
            Size::Large => "large",
            Size::XLarge => "xlarge",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Size::Standard => "标准",
            Size::Large => "大字",
            Size::XLarge => "特大",
        }
    }
}

impl Look {
    /// What the cookie says; what cannot be read is the standard.
    pub(crate) fn of(headers: &HeaderMap) -> Look {
        let text = cookie(headers, COOKIE).unwrap_or_default();
        let has = |word: &str| text.split('.').any(|part| part == word);
        Look {
            size: match () {
                () if has("xlarge") => Size::XLarge,
                () if has("large") => Size::Large,
                () => Size::Standard,
            },
            contrast: has("contrast"),
            dark: has("dark"),
        }
    }

    /// High contrast is drawn on white: it goes before the night.
    pub(crate) fn is_dark(self) -> bool {
        self.dark && !self.contrast
    }

    fn text(self) -> String {
        let mut words = vec![self.size.id()];
        words.extend(self.contrast.then_some("contrast"));
        words.extend(self.dark.then_some("dark"));
        words.join(".")
    }
}

/// A cookie's value.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// A path of this site; anything else is the front page.
pub(crate) fn local(path: Option<&str>) -> String {
    let path = path.unwrap_or("/");
    // `//host` and `/\host` are other sites to a browser.
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n', '\t', '\0']);
    if is_local { path } else { "/" }.to_owned()
}

/// What to change.
#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    size: Option<Size>,
    contrast: Option<bool>,
    dark: Option<bool>,
    back: Option<String>,
}

/// Changes the look and goes back.
pub(crate) async fn change(
    headers: HeaderMap,
    Query(change): Query<Change>,
) -> impl IntoResponse + use<> {
    let old = Look::of(&headers);
    let look = Look {
        size: change.size.unwrap_or(old.size),
        contrast: change.contrast.unwrap_or(old.contrast),
        dark: change.dark.unwrap_or(old.dark),
    };
    let text = look.text();
    let cookie = format!("{COOKIE}={text}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    let back = Redirect::to(&local(change.back.as_deref()));
    (AppendHeaders([(header::SET_COOKIE, cookie)]), back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_never_leaves_the_site() {
        for (path, leads) in [
            (Some("/desk?x=1"), "/desk?x=1"),
            (Some("https://elsewhere.example"), "/"),
            (Some("//elsewhere.example"), "/"),
            (Some("/\\elsewhere.example"), "/"),
            (Some("/\r\nSet-Cookie: a=b"), "/"),
            (Some(""), "/"),
            (None, "/"),
        ] {
            assert_eq!(local(path), leads, "{path:?}");
        }
    }

    #[test]
    fn the_cookie_says_how_to_show_and_nothing_else_is_read() {
        let mut headers = HeaderMap::new();
        let look = Look {
            size: Size::XLarge,
            contrast: true,
            dark: false,
        };
        let text = format!("a=b; {COOKIE}={}", look.text());
        headers.insert(header::COOKIE, text.parse().unwrap());
        assert_eq!(Look::of(&headers), look);
        headers.insert(
            header::COOKIE,
            format!("{COOKIE}=<script>").parse().unwrap(),
        );
        assert_eq!(Look::of(&headers), Look::default());
    }
}
