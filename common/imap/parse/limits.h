// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// What one command or response may hold. Each is checked before anything is allocated for it.

namespace posthorn::imap {

inline constexpr std::size_t kMaxLine = 64UL * 1024;       ///< octets of a line, its literals not counted
inline constexpr std::uint64_t kMaxLiteral = 64UL * 1024;  ///< octets of a literal inside of a command
inline constexpr std::size_t kMaxLiterals = 128;           ///< literals of a command, APPEND's messages apart
inline constexpr std::size_t kMaxCommand = 256UL * 1024;   ///< octets of a command with its literals
inline constexpr std::size_t kMaxTag = 128;                ///< octets of a tag
inline constexpr std::size_t kMaxRanges = 8192;            ///< ranges of a sequence set
inline constexpr std::size_t kMaxKeywords = 64;            ///< keywords of a flag list
inline constexpr std::size_t kMaxKeyword = 128;            ///< octets of a keyword
inline constexpr std::size_t kMaxAttributes = 256;         ///< items of one FETCH
inline constexpr std::size_t kMaxPartDepth = 64;           ///< numbers of a section part
inline constexpr std::size_t kMaxHeaderFields = 256;       ///< names in HEADER.FIELDS
inline constexpr std::size_t kMaxSearchKeys = 1024;        ///< nodes of a search program
inline constexpr std::size_t kMaxSearchDepth = 32;         ///< nesting of NOT, OR and parentheses
inline constexpr std::size_t kMaxSortKeys = 16;            ///< criteria of SORT
inline constexpr std::size_t kMaxPatterns = 64;            ///< patterns of LIST
inline constexpr std::size_t kMaxMailboxName = 4096;       ///< octets of a name or pattern, as sent
inline constexpr std::size_t kMaxCapabilities = 64;        ///< names of ENABLE
inline constexpr std::size_t kMaxIdFields = 30;            ///< RFC 2971 §3.3
inline constexpr std::size_t kMaxMetadataEntries = 64;     ///< entries of GETMETADATA and SETMETADATA
inline constexpr std::size_t kMaxMetadataName = 256;       ///< octets of an entry's name
inline constexpr std::size_t kMaxJmapIds = 4096;           ///< ids of one list of X-POSTHORN-JMAP
inline constexpr std::size_t kMaxJmapUpdates = 1024;       ///< messages of one XUPDATE
inline constexpr std::size_t kMaxJmapMailboxes = 256;      ///< mailboxes of one of them
inline constexpr std::size_t kMaxJmapFilters = 256;        ///< conditions of one XQUERY
inline constexpr std::size_t kMaxIdName = 30;              ///< octets, RFC 2971 §3.3
inline constexpr std::size_t kMaxIdValue = 1024;           ///< octets, RFC 2971 §3.3

inline constexpr std::size_t kMaxResponseLine = 16UL * 1024 * 1024;  ///< SEARCH of a million messages
inline constexpr std::uint64_t kMaxResponseLiteral =
    64UL * 1024 * 1024;                                        ///< octets of a literal of a response
inline constexpr std::size_t kMaxResponseLiterals = 4096;      ///< literals of a response
inline constexpr std::size_t kMaxResponseRanges = 1UL << 20U;  ///< ranges of a set of a response
inline constexpr std::size_t kMaxResponseIds = 1UL << 18U;     ///< ids of one list of a response
inline constexpr std::size_t kMaxValueDepth = 128;             ///< parentheses of a body structure
inline constexpr std::size_t kMaxValues = 65536;               ///< values of a body structure

}  // namespace posthorn::imap
