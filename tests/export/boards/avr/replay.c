/* ATmega328P: images lie in flash, in images.h; scores go to the serial port, a line an image, then 1024ths of cycles. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/sleep.h>

#include "digits.h"
#include "images.h"

static void put(char c)
{
    while (!(UCSR0A & (1 << UDRE0))) {}
    UDR0 = (uint8_t)c;
}

static void put_hex(uint32_t v)
{
    for (int8_t i = 28; i >= 0; i -= 4) put("0123456789abcdef"[v >> i & 15]);
    put(' ');
}

int main(void)
{
    UBRR0L = 0;
    UCSR0B = 1 << TXEN0;
    TCCR1B = 1 << CS12 | 1 << CS10;
    for (uint16_t n = 0; n < IMAGES; n++) {
        digits_score scores[DIGITS_CLASSES];
        uint8_t row[DIGITS_ROW];
        const uint16_t before = TCNT1;
        digits_begin();
        for (uint16_t y = 0; y < DIGITS_PIXELS; y += DIGITS_ROW) {
            memcpy_P(row, images + n * DIGITS_PIXELS + y, DIGITS_ROW);
            digits_row(row);
        }
        digits_end(scores);
        const uint16_t spent = TCNT1 - before;
        for (uint8_t k = 0; k < DIGITS_CLASSES; k++) put_hex((uint32_t)scores[k]);
        put_hex(spent);
        put('\n');
    }
    cli();
    sleep_mode();
    return 0;
}
