//! The colour of a seller's pages.

use std::fmt;
use std::str::FromStr;

/// A colour that carries white letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    rgb: [u8; 3],
}

/// Why a text is no colour of a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColourError {
    /// It is not written as one.
    #[error("a colour is written like `#0b57c2`")]
    Form,
    /// White letters could not be read on it (WCAG 2.2, 1.4.3: a contrast of 4.5).
    #[error("white letters cannot be read on this colour: choose a darker one")]
    TooLight,
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').ok_or(ColourError::Form)?;
        let mut rgb = [0; 3];
        if digits.len() != 6 || !digits.is_ascii() {
            return Err(ColourError::Form);
        }
        for (part, byte) in rgb.iter_mut().enumerate() {
            let pair = digits.get(2 * part..2 * part + 2).ok_or(ColourError::Form)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| ColourError::Form)?;
        }
        let colour = Self { rgb };
        if colour.luminance() > DARK_ENOUGH {
            return Err(ColourError::TooLight);
        }
        Ok(colour)
    }
}

/// The relative luminance, in millionths, up to which white has a contrast of 4.5: 1.05 / 4.5 - 0.05.
const DARK_ENOUGH: u64 = 183_333;

impl Colour {
    /// The relative luminance of WCAG 2.2 in millionths. Its power of 2.4 is mixed of square and cube, six
    /// parts to four, which is never less (a power is convex in its exponent): what is said to be dark enough is.
    fn luminance(self) -> u64 {
        let linear = |byte: u8| {
            let thousandths = (u64::from(byte) * 1000 / 255 + 55) * 1000 / 1055;
            let square = thousandths * thousandths;
            let cube = square * thousandths / 1000;
            (square * 6 + cube * 4) / 10
        };
        let [red, green, blue] = self.rgb.map(linear);
        (red * 2126 + green * 7152 + blue * 722) / 10_000
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", hex::encode(self.rgb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_carries_white_letters() {
        for fine in ["#0b57c2", "#000000", "#6d28d9", "#B42318", "#0f766e"] {
            assert_eq!(
                fine.parse::<Colour>().map(|colour| colour.to_string()),
                Ok(fine.to_ascii_lowercase()),
                "{fine}"
            );
        }
        for light in ["#ffffff", "#f5c518", "#34d399", "#9ca3af"] {
            assert_eq!(light.parse::<Colour>(), Err(ColourError::TooLight), "{light}");
        }
        for bad in ["", "blue", "#12", "#12345g", "0b57c2", "#éé12", "#0b57c2ff"] {
            assert_eq!(bad.parse::<Colour>(), Err(ColourError::Form), "{bad}");
        }
    }
}
