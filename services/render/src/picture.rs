//! Pictures for mail programs, which do not draw SVG: PNG, in greys, at twice the size for sharp screens.
//!
//! Letters are drawn with a typeface that is compiled in, so that the same figures are the same bytes on every machine:
//! what was approved is what is sent.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb},
};

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for font in [&include_bytes!("../fonts/LiberationSans-Regular.ttf")[..], include_bytes!("../fonts/LiberationSans-Bold.ttf")] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family(FAMILY);
    Arc::new(fonts)
});

const FAMILY: &str = "Liberation Sans";
/// Pixels for each unit of the drawing.
const SHARP: u16 = 2;

/// In units of the drawing: higher than forty bars or a hundred panels, and still only some tens of megabytes while it is drawn.
const WIDEST: u32 = 720;
const HIGHEST: u32 = 8_000;

/// A picture as bytes, with the size it is shown at.
pub(crate) struct Picture {
    pub(crate) png: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The drawing as PNG. None where it is no drawing of ours.
pub(crate) fn picture(svg: &str) -> Option<Picture> {
    let options = Options { fontdb: Arc::clone(&FONTS), font_family: FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(svg, &options).ok()?;
    let size = tree.size().to_int_size();
    if size.width() > WIDEST || size.height() > HIGHEST {
        return None;
    }
    let scale = u32::from(SHARP);
    let mut pixels = Pixmap::new(size.width().checked_mul(scale)?, size.height().checked_mul(scale)?)?;
    resvg::render(&tree, Transform::from_scale(f32::from(SHARP), f32::from(SHARP)), &mut pixels.as_mut());
    // Black, white and greys on a white ground: one channel says it all.
    let greys: Vec<u8> = pixels.data().iter().step_by(4).copied().collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&greys).ok()?;
    writer.finish().ok()?;
    Some(Picture { png, width: size.width(), height: size.height() })
}
