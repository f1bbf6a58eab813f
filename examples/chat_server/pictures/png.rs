//! PNG files of two colors, not compressed: all that is needed for pictures that are drawn.

/// Writes a square picture of which each bit is a pixel of one of two colors.
pub(super) fn two_colors<const BYTES: usize>(lines: &[[u8; BYTES]], zero: [u8; 3], one: [u8; 3]) -> Vec<u8> {
    let (width, height) = (length(BYTES * 8), length(lines.len()));
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // One bit for each pixel, by palette; the only method of compression and filtering; not interlaced.
    chunk(&mut file, b"IHDR", &[&width[..], &height, &[1, 3, 0, 0, 0]].concat());
    chunk(&mut file, b"PLTE", &[zero, one].concat());
    let pixels: Vec<u8> = lines.iter().flat_map(|line| std::iter::once(NO_FILTER).chain(*line)).collect();
    chunk(&mut file, b"IDAT", &stored(&pixels));
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let named = [kind.as_slice(), data].concat();
    file.extend(length(data.len()));
    file.extend(&named);
    file.extend(crc32(&named).to_be_bytes());
}

/// The data as a zlib stream of blocks that are not compressed.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let size = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(size.to_le_bytes());
        stream.extend((!size).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(data).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 0 { sum >> 1 } else { (sum >> 1) ^ 0xedb8_8320 };
    !data.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}

fn adler32(data: &[u8]) -> u32 {
    let (one, two) = data.iter().fold((1_u32, 0_u32), |(one, two), byte| {
        let one = (one + u32::from(*byte)) % 65_521;
        (one, (two + one) % 65_521)
    });
    two << 16 | one
}

fn length(size: usize) -> [u8; 4] {
    u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes()
}

const NO_FILTER: u8 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_file_has_its_four_chunks() {
        let file = two_colors(&[[0xf0], [0x0f]], [0; 3], [255; 3]);
        assert!(file.starts_with(b"\x89PNG\r\n\x1a\n"));
        for kind in [b"IHDR", b"PLTE", b"IDAT", b"IEND"] {
            assert!(file.windows(4).any(|part| part == kind));
        }
    }
}
