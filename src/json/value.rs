//! Values of any shape, kept as they are.

use serde_json::{Map, Value};

use super::Mistake;
use super::reader::Reader;

impl Reader<'_> {
    /// Reads a value of any shape.
    ///
    /// A number is read as an IEEE double. If it is integral and less than 2^63 either way it is kept as an integer, so
    /// that `42` stays `42`; `-0` stays a double. Names of members keep their letter case; of equal ones the last wins.
    ///
    /// # Errors
    ///
    /// A number that no finite double comes near to, such as `1e400`, is a mistake.
    pub fn value(&mut self) -> Result<Value, Mistake> {
        match self.begin() {
            Some(b'"') => Ok(Value::String(self.noted_literal()?.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b'[') => {
                let mut elements = Vec::new();
                self.array(|reader, _| {
                    elements.push(reader.value()?);
                    Ok(())
                })?;
                Ok(Value::Array(elements))
            }
            Some(b'{') => {
                let mut members = Map::new();
                self.members(&mut members)?;
                Ok(Value::Object(members))
            }
            Some(b't') => self.word(b"true").map(|()| Value::Bool(true)),
            Some(b'f') => self.word(b"false").map(|()| Value::Bool(false)),
            Some(b'n') => self.word(b"null").map(|()| Value::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Reads an object, each member as [`value`](Self::value) does, over what `into` holds. `null` leaves `into` alone.
    ///
    /// Members replace those of the same name, whole; others stay. After a mistake `into` has what came before it.
    pub fn map_into(&mut self, into: &mut Map<String, Value>) -> Result<(), Mistake> {
        if self.null()? { Ok(()) } else { self.members(into) }
    }

    fn members(&mut self, into: &mut Map<String, Value>) -> Result<(), Mistake> {
        let place = self.open(b'{', "an object")?;
        let mut first = true;
        while self.more(first, b'}')? {
            first = false;
            self.quote()?;
            let name = self.noted_literal()?;
            self.colon()?;
            let value = self.value().map_err(|mistake| mistake.under_member(&name))?;
            into.insert(name.into_owned(), value);
        }
        self.place = place;
        Ok(())
    }
}
