// Reads a vertical stroke, drawn here by the sketch: put your own 28 x 28 pixels, 0 empty and 255 ink, in its place.
#include <digits.h>

void setup() {{
  Serial.begin(9600);
}}

void loop() {{
  static uint8_t row[DIGITS_ROW];
  digits_score scores[DIGITS_CLASSES];
  digits_begin();
  for (int y = 0; y < DIGITS_PIXELS / DIGITS_ROW; y++) {{
    const bool ink = y >= 4 && y < 24;
    row[13] = row[14] = ink ? 255 : 0;
    digits_row(row);
  }}
  Serial.println(digits_end(scores));
  delay(1000);
}}
