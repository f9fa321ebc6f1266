//! How much of a file is read. Ten times what a partnership's quarter needs, and far below what hurts a laptop.

/// The largest file, in bytes.
pub const FILE: usize = 8 * 1024 * 1024;
/// The most that a workbook or a document may unpack to, all its parts together, in bytes.
pub const UNPACKED: u64 = 32 * 1024 * 1024;
/// The most parts that a workbook or a document may consist of.
pub const PARTS: usize = 2_000;
/// The most rows with something in them.
pub const ROWS: usize = 20_000;
/// The most cells with something in them.
pub const CELLS: usize = 200_000;
/// The most different texts of a workbook, and cell styles.
pub const SHARED: usize = 200_000;
/// The most text in one cell, in bytes. Excel itself stops at 32,767 letters.
pub const CELL: usize = 128 * 1024;
/// The most sheets.
pub const SHEETS: usize = 100;
/// The deepest that the parts of a workbook or a document may be nested.
pub const DEPTH: usize = 128;
/// The most paragraphs of a document.
pub const PARAGRAPHS: usize = 5_000;
/// The most text of a document, in bytes.
pub const TEXT: usize = 512 * 1024;
/// The most faults that are told of one file.
pub const FAULTS: usize = 200;
