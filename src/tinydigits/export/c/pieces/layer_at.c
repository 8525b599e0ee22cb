#ifdef __AVR__
static const Layer *layer_at(uint8_t l) /* a copy: constants of an AVR are not in the memory that pointers reach */
{
    static Layer copy;
    memcpy_P(&copy, &layers[l], sizeof copy);
    return &copy;
}
#else
static const Layer *layer_at(uint8_t l) { return &layers[l]; }
#endif
