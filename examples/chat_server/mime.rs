//! What files are, as far as it matters to who gets them.

/// The type that a name's extension stands for.
pub(crate) fn of_extension(extension: &str) -> &'static str {
    let found = TYPES.iter().find(|(name, _)| *name == extension);
    found.map_or("application/octet-stream", |(_, mime_type)| mime_type)
}

/// Whether a browser may show a file of this type in place, because it runs nothing that is in it.
pub(crate) fn is_harmless(mime_type: &str) -> bool {
    let is_media = mime_type.starts_with("audio/") || mime_type.starts_with("video/");
    let is_picture = mime_type.starts_with("image/") && mime_type != "image/svg+xml";
    is_media || is_picture || mime_type == "text/plain"
}

/// Width and height of a PNG or GIF picture that begins so.
pub(crate) fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        let number = |at: usize| Some(u32::from_be_bytes(head.get(at..at + 4)?.try_into().ok()?));
        return Some((number(16)?, number(20)?));
    }
    if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        let number = |at: usize| Some(u32::from(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?)));
        return Some((number(6)?, number(8)?));
    }
    None
}

const TYPES: [(&str, &str); 25] = [
    ("bmp", "image/bmp"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("ogg", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_might_run_is_not_shown_in_place() {
        let cases = [("html", false), ("svg", false), ("js", false), ("exe", false), ("pdf", false), ("", false)];
        for (extension, shown) in cases.into_iter().chain([("png", true), ("txt", true), ("mp4", true)]) {
            assert_eq!(is_harmless(of_extension(extension)), shown, "{extension:?}");
        }
    }

    #[test]
    fn the_size_of_a_picture_stands_at_its_beginning() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x05\0\0\x01\0";
        let cases: [(&[u8], _); 4] =
            [(png, Some((5, 256))), (b"GIF89a\x02\0\x01\0", Some((2, 1))), (b"GIF89a\x02", None), (b"", None)];
        for (head, size) in cases {
            assert_eq!(dimensions(head), size, "{head:?}");
        }
    }
}
