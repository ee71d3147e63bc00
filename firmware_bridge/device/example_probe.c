/* A whole probe on sonolink.h: answers Start, streams a test image at 25 frames a second, stops on Stop or when the host becomes silent.
   Here its USB is a pty whose name it prints. On a microcontroller take `usb_read`, `usb_write` and `usb_open` from its CDC-ACM stack,
   and `now_us` and `wait_1_ms` from its clock; the rest stays unchanged. */
#define _XOPEN_SOURCE 600
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sonolink.h"

enum { ROWS = 240, COLUMNS = 320, FRAME_US = 40000, SILENCE_US = 5000000, REPORTS = 1 };
static uint8_t image[ROWS * COLUMNS], heard[256], sending[1 << 18], head[SL_HEADER_SIZE + 512];
static int usb;

static size_t usb_read(uint8_t *to, size_t room) { ssize_t got = read(usb, to, room); return got > 0 ? (size_t)got : 0; }
static size_t usb_write(const uint8_t *data, size_t size) { ssize_t put = write(usb, data, size); return put > 0 ? (size_t)put : 0; }

static bool usb_open(void)
{
  usb = posix_openpt(O_RDWR | O_NOCTTY);
  if (usb < 0 || grantpt(usb) || unlockpt(usb) || fcntl(usb, F_SETFL, O_NONBLOCK)) return false;
  return puts(ptsname(usb)) >= 0 && !fflush(stdout);
}

static uint64_t now_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void wait_1_ms(void) { nanosleep(&(struct timespec){0, 1000000}, NULL); }

static void say(struct sl_ring *ring, uint8_t type, struct sl_json *json, const char *text)
{
  size_t size = sl_encode(head, sizeof head, type, 0, 0, now_us(), text, sl_json_end(json));
  sl_ring_put(ring, head, size, NULL, 0);
}

static void greet(struct sl_ring *ring)
{
  static const char *const can[] = {"grey8", "simulated"};
  static const uint8_t versions[] = {SL_VERSION};
  char text[400];
  struct sl_json json;
  sl_json_begin(&json, text, sizeof text);
  sl_json_text(&json, "device", "Example probe"), sl_json_text(&json, "firmware", "1.0"), sl_json_text(&json, "serial_number", "EX-1");
  sl_json_texts(&json, "capabilities", can, 2), sl_json_versions(&json, versions, 1);
  say(ring, SL_HELLO, &json, text);
  sl_json_begin(&json, text, sizeof text);
  sl_json_text(&json, "shape", "linear"), sl_json_milli_pair(&json, "mm_per_px", 500, 500);
  say(ring, SL_GEOMETRY, &json, text);
}

static void send_frame(struct sl_ring *ring, uint32_t sequence)
{
  for (size_t i = 0; i < sizeof image; i++) image[i] = (uint8_t)(i % COLUMNS + sequence);
  size_t size = sl_encode_counted_frame_head(head, sizeof head, SL_SIMULATED, sequence, now_us(), SL_GREY8, ROWS, COLUMNS, REPORTS, image,
                                             sizeof image);
  sl_ring_put(ring, head, size, image, sizeof image); /* a frame that does not fit is dropped whole; the gap in the numbers shows it */
}

/* A host that is not ready for frames asks for Hello alone, with "frames":0. */
static bool wants_frames(const struct sl_message *start)
{
  int64_t frames;
  return sl_reads_version(start, SL_VERSION) && !(sl_read_milli(start, "frames", &frames) && frames == 0);
}

int main(void)
{
  struct sl_ring ring;
  struct sl_parser parser;
  struct sl_message message;
  uint8_t bytes[64];
  uint32_t sequence = 0;
  uint64_t due = 0, heard_us = 0;
  bool streaming = false, found = false;
  if (!usb_open()) return 1;
  sl_ring_init(&ring, sending, sizeof sending);
  sl_parser_init(&parser, heard, sizeof heard);
  for (;; wait_1_ms()) {
    for (size_t got = usb_read(bytes, sizeof bytes), at = 0; at < got || found; ) {
      at += sl_parse(&parser, bytes + at, got - at, &message, &found);
      if (!found) { if (at >= got) break; continue; }
      heard_us = now_us();
      if (message.type == SL_START) streaming = wants_frames(&message), sequence = 0, greet(&ring);
      if (message.type == SL_STOP) streaming = false;
    }
    if (now_us() - heard_us > SILENCE_US) streaming = false;
    if (streaming && now_us() >= due) due = now_us() + FRAME_US, send_frame(&ring, sequence++);
    const uint8_t *data;
    for (size_t next, sent; (next = sl_ring_next(&ring, &data)); sl_ring_sent(&ring, sent)) if (!(sent = usb_write(data, next))) break;
  }
}
