/* The steps are those of the Python package's `normalise`: cut to the ink, scale the longer side to 20 pixels by the mean
   of the area that each pixel covers, make the brightest 1, put the centre of mass into pixel 14, round to 0 to 255. */
#include "digits_normalise.h"

enum { SIDE = 28, BOX = 20 };

typedef struct {
    int top, left, height, width;
} Box;

/* The smallest box that holds every value above 0; of height 0 if there is none. */
static Box box_of(const float *ink, int height, int width)
{
    int top = height, bottom = 0, left = width, right = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (ink[(long)y * width + x] > 0) {
                if (y < top) top = y;
                if (y >= bottom) bottom = y + 1;
                if (x < left) left = x;
                if (x >= right) right = x + 1;
            }
    return (Box){top, left, bottom > top ? bottom - top : 0, right - left};
}

/* A side after scaling, at least 1; halves go up. */
static int fitted(int size, int longest)
{
    const int side = (int)(size * ((double)BOX / longest) + 0.5);
    return side < 1 ? 1 : side;
}

/* The share of old pixel `j` in new pixel `i`, for `old` pixels that become `fresh`. */
static float share(long i, long j, long old, long fresh)
{
    const long start = i * old > j * fresh ? i * old : j * fresh;
    const long end = (i + 1) * old < (j + 1) * fresh ? (i + 1) * old : (j + 1) * fresh;
    return end > start ? (float)(end - start) / (float)old : 0;
}

/* A new pixel: the mean of the area that it covers. */
static float mean(const float *ink, int width, Box box, int y, int x, int rows, int columns)
{
    float sum = 0;
    for (int j = (int)((long)y * box.height / rows); j < box.height; j++) {
        const float part = share(y, j, box.height, rows);
        float row = 0;
        if (part <= 0) break;
        for (int i = (int)((long)x * box.width / columns); i < box.width; i++) {
            const float piece = share(x, i, box.width, columns);
            if (piece <= 0) break;
            row += piece * ink[(long)(box.top + j) * width + box.left + i];
        }
        sum += part * row;
    }
    return sum;
}

/* The first pixel that puts a centre of mass, `moment / mass` from the first edge, into pixel 14. */
static int offset(double moment, double mass, int length)
{
    const double wanted = SIDE / 2 - moment / mass;
    int first = (int)wanted;
    if (first < wanted) first++;
    return first < 0 ? 0 : first > SIDE - length ? SIDE - length : first;
}

int digits_normalise(const float *ink, int height, int width, uint8_t image[784])
{
    static float small[BOX * BOX];
    const Box box = box_of(ink, height, width);
    for (int i = 0; i < SIDE * SIDE; i++) image[i] = 0;
    if (box.height == 0) return 0;
    const int longest = box.height > box.width ? box.height : box.width;
    const int rows = fitted(box.height, longest), columns = fitted(box.width, longest);
    float most = 0;
    double mass = 0, down = 0, across = 0;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            const float v = mean(ink, width, box, y, x, rows, columns);
            small[y * BOX + x] = v;
            if (v > most) most = v;
        }
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            const float v = small[y * BOX + x] /= most;
            mass += v;
            down += v * (y + 0.5);
            across += v * (x + 0.5);
        }
    const int top = offset(down, mass, rows), left = offset(across, mass, columns);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++)
            image[(top + y) * SIDE + left + x] = (uint8_t)(small[y * BOX + x] * 255 + 0.5f);
    return 1;
}
