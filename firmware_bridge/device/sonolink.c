/* See sonolink.h. */
#include "sonolink.h"

#include <string.h>

static const uint8_t magic[4] = {'S', 'L', 'N', 'K'};

uint32_t sl_crc32(uint32_t crc, const void *data, size_t size)
{
  static const uint32_t nibble[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                      0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *byte = data;
  crc = ~crc;
  while (size--) {
    crc ^= *byte++;
    crc = (crc >> 4) ^ nibble[crc & 15];
    crc = (crc >> 4) ^ nibble[crc & 15];
  }
  return ~crc;
}

static void write_number(uint8_t *to, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++) to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t read_number(const uint8_t *from, int bytes)
{
  uint64_t value = 0;
  for (int i = bytes; i-- > 0;) value = value << 8 | from[i];
  return value;
}

static void write_header(uint8_t *to, uint8_t type, uint16_t flags, uint32_t sequence, uint64_t time_us, uint32_t size, uint32_t crc)
{
  memcpy(to, magic, 4);
  to[4] = SL_VERSION;
  to[5] = type;
  write_number(to + 6, flags, 2);
  write_number(to + 8, sequence, 4);
  write_number(to + 12, time_us, 8);
  write_number(to + 20, size, 4);
  write_number(to + 24, crc, 4);
  write_number(to + 28, sl_crc32(0, to, 28), 4);
}

size_t sl_encode(uint8_t *to, size_t room, uint8_t type, uint16_t flags, uint32_t sequence, uint64_t time_us, const void *payload,
                 size_t size)
{
  if (size > SL_PAYLOAD_LIMIT || room < SL_HEADER_SIZE || room - SL_HEADER_SIZE < size) return 0;
  write_header(to, type, flags, sequence, time_us, (uint32_t)size, size ? sl_crc32(0, payload, size) : 0);
  if (size) memcpy(to + SL_HEADER_SIZE, payload, size);
  return SL_HEADER_SIZE + size;
}

size_t sl_encode_frame_head(uint8_t *to, size_t room, uint16_t flags, uint32_t sequence, uint64_t time_us, uint8_t format, uint16_t rows,
                            uint16_t columns, const void *data, size_t size)
{
  return sl_encode_counted_frame_head(to, room, flags, sequence, time_us, format, rows, columns, 0, data, size);
}

size_t sl_encode_counted_frame_head(uint8_t *to, size_t room, uint16_t flags, uint32_t sequence, uint64_t time_us, uint8_t format,
                                    uint16_t rows, uint16_t columns, uint16_t reports, const void *data, size_t size)
{
  if (room < SL_HEADER_SIZE + SL_FRAME_HEAD || size > SL_PAYLOAD_LIMIT - SL_FRAME_HEAD) return 0;
  uint8_t *head = to + SL_HEADER_SIZE;
  memset(head, 0, SL_FRAME_HEAD);
  head[0] = format;
  write_number(head + 2, rows, 2);
  write_number(head + 4, columns, 2);
  write_number(head + 6, reports, 2);
  uint32_t crc = sl_crc32(sl_crc32(0, head, SL_FRAME_HEAD), data, size);
  write_header(to, SL_FRAME, flags, sequence, time_us, (uint32_t)(SL_FRAME_HEAD + size), crc);
  return SL_HEADER_SIZE + SL_FRAME_HEAD;
}

static void add(struct sl_json *json, char c)
{
  if (json->size < json->room) json->to[json->size++] = c;
  else json->full = true;
}

static void add_digits(struct sl_json *json, uint64_t value, int least)
{
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10); while ((value /= 10) || count < least);
  while (count) add(json, digits[--count]);
}

static void add_milli(struct sl_json *json, int64_t value)
{
  uint64_t size = value < 0 ? (uint64_t)-(value + 1) + 1 : (uint64_t)value;
  if (value < 0) add(json, '-');
  add_digits(json, size / 1000, 1);
  if (size % 1000 == 0) return;
  uint64_t rest = size % 1000;
  int places = 3;
  for (; rest % 10 == 0; rest /= 10) places--;
  add(json, '.');
  add_digits(json, rest, places);
}

static void add_text(struct sl_json *json, const char *text)
{
  static const char hex[] = "0123456789abcdef";
  add(json, '"');
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') add(json, '\\');
    if (c >= 32) { add(json, (char)c); continue; }
    add(json, '\\'), add(json, 'u'), add(json, '0'), add(json, '0'), add(json, hex[c >> 4]), add(json, hex[c & 15]);
  }
  add(json, '"');
}

static void add_key(struct sl_json *json, const char *key)
{
  if (json->size > 1) add(json, ',');
  add_text(json, key);
  add(json, ':');
}

void sl_json_begin(struct sl_json *json, char *to, size_t room)
{
  *json = (struct sl_json){to, room, 0, false};
  add(json, '{');
}

void sl_json_text(struct sl_json *json, const char *key, const char *text) { add_key(json, key), add_text(json, text); }

void sl_json_milli(struct sl_json *json, const char *key, int64_t value) { add_key(json, key), add_milli(json, value); }

void sl_json_milli_pair(struct sl_json *json, const char *key, int64_t first, int64_t second)
{
  add_key(json, key), add(json, '['), add_milli(json, first), add(json, ','), add_milli(json, second), add(json, ']');
}

void sl_json_texts(struct sl_json *json, const char *key, const char *const *texts, size_t count)
{
  add_key(json, key), add(json, '[');
  for (size_t i = 0; i < count; i++) {
    if (i) add(json, ',');
    add_text(json, texts[i]);
  }
  add(json, ']');
}

void sl_json_versions(struct sl_json *json, const uint8_t *versions, size_t count)
{
  add_key(json, "versions"), add(json, '[');
  for (size_t i = 0; i < count; i++) {
    if (i) add(json, ',');
    add_digits(json, versions[i], 1);
  }
  add(json, ']');
}

size_t sl_json_end(struct sl_json *json)
{
  add(json, '}');
  return json->full ? 0 : json->size;
}

void sl_parser_init(struct sl_parser *parser, uint8_t *buffer, size_t room) { *parser = (struct sl_parser){buffer, room, 0, 0, 0}; }

static void forget(struct sl_parser *parser, size_t size)
{
  parser->have -= size;
  memmove(parser->buffer, parser->buffer + size, parser->have);
}

/* True if the buffer begins with a whole message; removes bytes that cannot be the beginning of one. */
static bool complete(struct sl_parser *parser)
{
  for (;;) {
    const uint8_t *head = parser->buffer;
    size_t garbage = 0;
    while (garbage < parser->have && memcmp(head + garbage, magic, parser->have - garbage < 4 ? parser->have - garbage : 4)) garbage++;
    if (garbage) forget(parser, garbage);
    if (parser->have < SL_HEADER_SIZE) return false;
    if (read_number(head + 28, 4) != sl_crc32(0, head, 28)) { forget(parser, 1); continue; }
    uint64_t size = read_number(head + 20, 4);
    if (size > SL_PAYLOAD_LIMIT) { forget(parser, 1); continue; }
    if (size > parser->room - SL_HEADER_SIZE) {
      parser->skipped = (uint32_t)size;
      forget(parser, SL_HEADER_SIZE);
      size_t there = parser->have < parser->skipped ? parser->have : parser->skipped;
      forget(parser, there);
      parser->skipped -= (uint32_t)there;
      if (parser->skipped) return false;
      continue;
    }
    if (parser->have < SL_HEADER_SIZE + size) return false;
    if (read_number(head + 24, 4) == sl_crc32(0, head + SL_HEADER_SIZE, (size_t)size)) return true;
    forget(parser, 1);
  }
}

size_t sl_parse(struct sl_parser *parser, const uint8_t *data, size_t size, struct sl_message *message, bool *found)
{
  *found = false;
  if (parser->done) forget(parser, parser->done), parser->done = 0;
  size_t used = size < parser->skipped ? size : parser->skipped;
  parser->skipped -= (uint32_t)used;
  size_t fits = parser->room - parser->have;
  if (fits > size - used) fits = size - used;
  if (fits) memcpy(parser->buffer + parser->have, data + used, fits);
  parser->have += fits;
  if (!parser->skipped && complete(parser)) {
    const uint8_t *head = parser->buffer;
    *message = (struct sl_message){head[4], head[5], (uint16_t)read_number(head + 6, 2), (uint32_t)read_number(head + 8, 4),
                                   read_number(head + 12, 8), head + SL_HEADER_SIZE, (uint32_t)read_number(head + 20, 4)};
    parser->done = SL_HEADER_SIZE + message->size;
    *found = true;
  }
  return used + fits;
}

/* The text after "key": in the message's JSON, or NULL. */
static const char *value_of(const struct sl_message *message, const char *key, const char **end)
{
  const char *text = (const char *)message->payload;
  size_t length = strlen(key);
  *end = text + message->size;
  for (const char *at = text; (size_t)(*end - at) > length + 2; at++) {
    if (at[0] != '"' || memcmp(at + 1, key, length) || at[length + 1] != '"') continue;
    at += length + 2;
    while (at < *end && (*at == ' ' || *at == ':')) at++;
    return at;
  }
  return NULL;
}

bool sl_read_milli(const struct sl_message *message, const char *key, int64_t *value)
{
  const char *end, *at = value_of(message, key, &end);
  if (!at) return false;
  bool negative = at < end && *at == '-';
  at += negative;
  int64_t milli = 0;
  int places = -1;
  const char *first = at;
  for (; at < end && ((*at >= '0' && *at <= '9') || (*at == '.' && places < 0)); at++) {
    if (*at == '.') places = 0;
    else if (places < 3 && milli < INT64_MAX / 100000) milli = milli * 10 + (*at - '0'), places += places >= 0;
  }
  if (at == first) return false;
  for (places = places < 0 ? 0 : places; places < 3; places++) milli *= 10;
  *value = negative ? -milli : milli;
  return true;
}

bool sl_reads_version(const struct sl_message *message, uint8_t version)
{
  const char *end, *at = value_of(message, "versions", &end);
  unsigned number = 0;
  for (bool any = false; at && at < end; at++) {
    if (*at >= '0' && *at <= '9') any = true, number = number > 255 ? number : number * 10 + (unsigned)(*at - '0');
    else if (any && number == version) return true;
    else any = false, number = 0;
    if (*at == ']') break;
  }
  return false;
}

void sl_ring_init(struct sl_ring *ring, uint8_t *buffer, size_t room) { *ring = (struct sl_ring){buffer, room, 0, 0}; }

static size_t copy_in(struct sl_ring *ring, size_t put, const uint8_t *data, size_t size)
{
  size_t at = put % ring->room, first = size < ring->room - at ? size : ring->room - at;
  if (first) memcpy(ring->buffer + at, data, first);
  if (size > first) memcpy(ring->buffer, data + first, size - first);
  return put + size;
}

bool sl_ring_put(struct sl_ring *ring, const void *first, size_t first_size, const void *second, size_t second_size)
{
  size_t room = ring->room - (ring->put - ring->sent);
  if (first_size > room || second_size > room - first_size) return false;
  ring->put = copy_in(ring, copy_in(ring, ring->put, first, first_size), second, second_size);
  return true;
}

size_t sl_ring_next(const struct sl_ring *ring, const uint8_t **data)
{
  size_t waiting = ring->put - ring->sent, at = ring->sent % ring->room;
  *data = ring->buffer + at;
  return waiting < ring->room - at ? waiting : ring->room - at;
}

void sl_ring_sent(struct sl_ring *ring, size_t size) { ring->sent += size; }
