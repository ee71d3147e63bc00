/* SonoLink 1 for probe makers: messages into a caller's buffer and out of one. C99, no allocation, no dependency.
   docs/sonolink.md is the specification; docs/probe-maker.md is the guide. Sizes are in bytes, times in microseconds. */
#ifndef SONOLINK_H
#define SONOLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SL_HEADER_SIZE = 32, SL_FRAME_HEAD = 8, SL_PAYLOAD_LIMIT = 16 * 1024 * 1024, SL_VERSION = 1 };

enum sl_type {
  SL_HELLO = 0x01, SL_GEOMETRY = 0x02, SL_SETTINGS = 0x03, SL_FRAME = 0x04, SL_EVENT = 0x05, SL_STATUS = 0x06, SL_ERROR = 0x07,
  SL_START = 0x20, SL_STOP = 0x21, SL_SET_SETTINGS = 0x22, SL_HEARTBEAT = 0x40
};
enum sl_flag { SL_SIMULATED = 1, SL_REPLAY = 2 };
enum sl_format { SL_GREY8 = 1, SL_JPEG = 2, SL_LINES_U8 = 3, SL_LINES_S16 = 4 };

/* CRC-32 as in zip; begin with 0, or with the result for the bytes before. */
uint32_t sl_crc32(uint32_t crc, const void *data, size_t size);

/* Writes a message to `to`; returns its size, or 0 if `room` is too small or the payload is too long. `sequence` is a frame's own
   number, else the number of the next frame. */
size_t sl_encode(uint8_t *to, size_t room, uint8_t type, uint16_t flags, uint32_t sequence, uint64_t time_us, const void *payload,
                 size_t size);

/* Writes the first 40 bytes of a frame; the caller sends the pixels after them unchanged. Returns 0 if `room` is too small. */
size_t sl_encode_frame_head(uint8_t *to, size_t room, uint16_t flags, uint32_t sequence, uint64_t time_us, uint8_t format, uint16_t rows,
                            uint16_t columns, const void *data, size_t size);
/* The same, and how many Geometry and Settings messages were sent since the Start (after 65535 comes 1; 0: not counted). With it the host
   notices that one of them was lost on the way. */
size_t sl_encode_counted_frame_head(uint8_t *to, size_t room, uint16_t flags, uint32_t sequence, uint64_t time_us, uint8_t format,
                                    uint16_t rows, uint16_t columns, uint16_t reports, const void *data, size_t size);

/* JSON for the payloads: begin, add, end. `full` is set when something did not fit; then do not send the payload. Texts are UTF-8. */
struct sl_json { char *to; size_t room, size; bool full; };
void sl_json_begin(struct sl_json *json, char *to, size_t room);
void sl_json_text(struct sl_json *json, const char *key, const char *text);
/* `value` in thousandths: 3500 is written 3.5. */
void sl_json_milli(struct sl_json *json, const char *key, int64_t value);
void sl_json_milli_pair(struct sl_json *json, const char *key, int64_t first, int64_t second);
void sl_json_texts(struct sl_json *json, const char *key, const char *const *texts, size_t count);
/* A list of versions, such as {"versions":[1]}. */
void sl_json_versions(struct sl_json *json, const uint8_t *versions, size_t count);
/* The payload's size, or 0 if it did not fit. */
size_t sl_json_end(struct sl_json *json);

/* The host's messages. Feed bytes as they arrive; each call takes some of them and may complete one message, which stays in the
   parser's buffer until the next call. A message longer than the buffer is skipped. */
struct sl_message { uint8_t version, type; uint16_t flags; uint32_t sequence; uint64_t time_us; const uint8_t *payload; uint32_t size; };
struct sl_parser { uint8_t *buffer; size_t room, have, done; uint32_t skipped; };
void sl_parser_init(struct sl_parser *parser, uint8_t *buffer, size_t room);
/* The number of bytes taken from `data`; `*found` is true if `*message` is complete. Call again until all are taken and none is found. */
size_t sl_parse(struct sl_parser *parser, const uint8_t *data, size_t size, struct sl_message *message, bool *found);

/* A number by its key in a flat JSON object, in thousandths; false if the key is absent. */
bool sl_read_milli(const struct sl_message *message, const char *key, int64_t *value);
/* True if the list `versions` of a Start holds this version. */
bool sl_reads_version(const struct sl_message *message, uint8_t version);

/* A buffer of bytes for USB: one side puts, the other sends. A message is put whole or not at all. */
struct sl_ring { uint8_t *buffer; size_t room; volatile size_t put, sent; };
void sl_ring_init(struct sl_ring *ring, uint8_t *buffer, size_t room);
bool sl_ring_put(struct sl_ring *ring, const void *first, size_t first_size, const void *second, size_t second_size);
/* The number of bytes from `*data` on that can be sent at once; report the number sent with sl_ring_sent. */
size_t sl_ring_next(const struct sl_ring *ring, const uint8_t **data);
void sl_ring_sent(struct sl_ring *ring, size_t size);

#endif
